//! Users of the web portal: make them, read them, change them.

use std::fmt;

use mno_runtime::transport::{CallOptions, Priority};
use mno_runtime::{Error, ErrorKind, Operation};

use crate::kite::Kite;
use crate::kite::users::{
    BlockUser, Client, CreateUser, DeleteUser, GetRoles, GetUsers, ModifyUser, NameValuePair,
    ResetPassword, SearchParams, UnblockUser, User,
};
use crate::kite::wire::client;
use crate::paging::{PageStream, unreadable};
use crate::policy::Organisation;

/// Which users [`search`](Users::search) lists: those that fit every filter set.
///
/// That several filters narrow the list down together is inferred.
///
/// ```
/// use mno_sdk::kite::UserFilter;
///
/// let theirs = UserFilter::new().organization("customer-5a9db0c5").email("ada@meadow.example");
/// assert_eq!(format!("{theirs:?}"), r#"UserFilter["organization", "email"]"#);
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct UserFilter {
    organization: Option<String>,
    username: Option<String>,
    email: Option<String>,
}

impl UserFilter {
    /// Every user.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Users of the organisation with this id (`organization`), presumably `customer-…` or
    /// `aggregator-…`.
    #[must_use]
    pub fn organization(mut self, id: impl Into<String>) -> Self {
        self.organization = Some(id.into());
        self
    }

    /// The user with this name (`username`).
    #[must_use]
    pub fn username(mut self, name: impl Into<String>) -> Self {
        self.username = Some(name.into());
        self
    }

    /// Users with this e-mail address (`email`).
    #[must_use]
    pub fn email(mut self, address: impl Into<String>) -> Self {
        self.email = Some(address.into());
        self
    }

    fn set(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let all = [
            ("organization", &self.organization),
            ("username", &self.username),
            ("email", &self.email),
        ];
        all.into_iter()
            .filter_map(|(name, value)| Some((name, value.as_deref()?)))
    }

    /// The parameters of the request; `None` without any filter.
    fn to_params(&self) -> Result<Option<SearchParams>, Error> {
        if let Some((name, _)) = self.set().find(|(_, value)| value.trim().is_empty()) {
            let message = format!("the filter {name} is wrong: it is blank");
            return Err(Error::new(ErrorKind::InvalidRequest, message)
                .with_operation(&GetUsers::FACTS)
                .with_path(name));
        }
        let params: Vec<_> = self
            .set()
            .map(|(name, value)| NameValuePair::new(name, [value.to_owned()]))
            .collect();
        Ok((!params.is_empty()).then(|| SearchParams::new(params)))
    }
}

impl fmt::Debug for UserFilter {
    /// Shows the filters' names: their values are personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserFilter")?;
        f.debug_list()
            .entries(self.set().map(|(name, _)| name))
            .finish()
    }
}

/// The user accounts of the web portal (guide 5.10).
///
/// Messages are the generated types of [`users`](crate::kite::users). A user is known by its name;
/// an unknown one is an error with [`is_not_found`](Error::is_not_found). Nothing is sent twice:
/// when the answer to a change is lost, the error says
/// [`is_outcome_unknown`](Error::is_outcome_unknown), and [`get`](Self::get) tells what became of
/// it.
///
/// ```no_run
/// # async fn example(kite: mno_sdk::Kite) -> Result<(), Box<dyn std::error::Error>> {
/// use mno_sdk::kite::users::CreateUser;
///
/// let users = kite.users();
/// let ada = CreateUser::builder()
///     .username("ada.weir")
///     .firstname("Ada")
///     .lastname("Weir")
///     .email("ada@meadow.example")
///     .roles(["technical".to_owned()]) // one of users.roles(…)
///     .language("en")
///     .country("GB")
///     .timezone("Europe/London")
///     .build()?;
/// users.create(&ada).await?;
/// users.block("ada.weir").await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Users {
    client: Client,
    options: CallOptions,
    organisation: Organisation,
}

/// All users that fit, as a stream.
pub type UserStream = PageStream<User>;

impl Users {
    pub(crate) fn new(kite: &Kite) -> Self {
        Self {
            client: client!(kite, Users, mno_kite_users_v3),
            options: CallOptions::default(),
            organisation: kite.organisation().clone(),
        }
    }

    /// The same handle with options (deadline, priority, longest wait for a permit) for every
    /// call from here on.
    #[must_use]
    pub fn with_options(&self, options: CallOptions) -> Self {
        Self {
            client: self.client.with_options(options.clone()),
            options,
            organisation: self.organisation.clone(),
        }
    }

    /// The generated client, for everything that this handle does not do.
    #[must_use]
    pub fn raw(&self) -> &Client {
        &self.client
    }

    /// All users, in pages of 10 behind the scenes.
    ///
    /// Calls of the stream wait behind interactive ones; see [`PageStream`] for what happens at
    /// page ends and when users come and go.
    ///
    /// ```no_run
    /// # async fn example(kite: mno_sdk::Kite) -> Result<(), mno_sdk::Error> {
    /// use futures_util::TryStreamExt;
    /// use mno_sdk::kite::users::UserStatus;
    ///
    /// let mut users = kite.users().stream();
    /// while let Some(user) = users.try_next().await? {
    ///     if user.status == Some(UserStatus::Blocked) {
    ///         println!("{}", user.username);
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn stream(&self) -> UserStream {
        self.pages(None)
    }

    /// The users that fit a filter, as a stream like [`stream`](Self::stream).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] when a filter is blank; nothing is sent then.
    pub fn search(&self, filter: &UserFilter) -> Result<UserStream, Error> {
        Ok(self.pages(filter.to_params()?))
    }

    fn pages(&self, filters: Option<SearchParams>) -> UserStream {
        let bulk = self.options.clone().with_priority(Priority::Bulk);
        let client = self.client.with_options(bulk);
        let facts = &GetUsers::FACTS;
        let parameters = super::parameters(filters.as_ref());
        let fetch = move |index: u32, size: u32| {
            let client = client.clone();
            let mut request = GetUsers::new()
                .with_index(i32::try_from(index).unwrap_or(i32::MAX))
                .with_max_batch_size(i32::try_from(size).unwrap_or(i32::MAX));
            request.search_parameters.clone_from(&filters);
            Box::pin(async move {
                let page = client.get_users(&request).await?;
                let items = page.user.into_iter();
                let items = items.map(|item| item.map_err(unreadable("a user", facts)));
                Ok(items.collect())
            }) as _
        };
        let max = facts.paging.map_or(10, |p| p.max_size);
        PageStream::new(
            facts,
            Box::new(fetch),
            |user: &User| Some(user.username.clone()),
            max,
        )
        .with_limits_of(&self.organisation)
        .with_parameters(parameters)
    }

    /// The user of a name; `None` when the organisation has no such user.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn get(&self, username: impl Into<String>) -> Result<Option<User>, Error> {
        let username = username.into();
        let mut request = GetUsers::new();
        request.search_parameters = UserFilter::new().username(username.as_str()).to_params()?;
        let page = self.client.get_users(&request).await?;
        // Whether the filter takes a part of a name for the whole is not documented.
        for user in page.user {
            let user = user.map_err(unreadable("a user", &GetUsers::FACTS))?;
            if user.username == username {
                return Ok(Some(user));
            }
        }
        Ok(None)
    }

    /// Makes a user, who presumably gets an e-mail with a link to set a password.
    ///
    /// Never sent twice; when the answer is lost, [`get`](Self::get) tells whether there is such
    /// a user now.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn create(&self, user: &CreateUser) -> Result<(), Error> {
        self.client.create_user(user).await?;
        Ok(())
    }

    /// Changes a user; what is left out stays as it is.
    ///
    /// ```no_run
    /// # async fn example(kite: mno_sdk::Kite) -> Result<(), mno_sdk::Error> {
    /// use mno_sdk::kite::users::ModifyUser;
    ///
    /// let change = ModifyUser::new("ada.weir").with_language("es").with_monetary_info(true);
    /// kite.users().modify(&change).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn modify(&self, change: &ModifyUser) -> Result<(), Error> {
        self.client.modify_user(change).await?;
        Ok(())
    }

    /// Deletes a user, for good.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn delete(&self, username: impl Into<String>) -> Result<(), Error> {
        self.client.delete_user(&DeleteUser::new(username)).await?;
        Ok(())
    }

    /// Blocks a user, who then cannot log in.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn block(&self, username: impl Into<String>) -> Result<(), Error> {
        self.client.block_user(&BlockUser::new(username)).await?;
        Ok(())
    }

    /// Ends the blocking of a user.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn unblock(&self, username: impl Into<String>) -> Result<(), Error> {
        let request = UnblockUser::new(username);
        self.client.unblock_user(&request).await?;
        Ok(())
    }

    /// Sends a user an e-mail with a link to set a new password.
    ///
    /// Never sent twice; when the answer is lost, no read tells whether the e-mail went out.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn reset_password(&self, username: impl Into<String>) -> Result<(), Error> {
        let request = ResetPassword::new(username);
        self.client.reset_password(&request).await?;
        Ok(())
    }

    /// Names of the roles that users of an organisation (`customer-…`) can have.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn roles(&self, org_id: impl Into<String>) -> Result<Vec<String>, Error> {
        Ok(self.client.get_roles(&GetRoles::new(org_id)).await?.role)
    }
}
