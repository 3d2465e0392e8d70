//! Prepaid vouchers: offered, bought, cancelled.

use std::fmt;

use mno_runtime::Error;
use mno_runtime::transport::CallOptions;
use mno_runtime::values::DateTime;
use mno_runtime::xml::Items;

use crate::kite::Kite;
use crate::kite::vouchers::{
    ActiveVoucher, CancelRecurrentVoucherRenewal, CancelVoucher, Client, GetActiveVouchers,
    GetAvailableVoucher, PurchaseOneTimeVoucher, PurchaseRecurrentVoucher, SimId, Voucher,
};
use crate::kite::wire::client;

/// Generates an id.
macro_rules! id {
    ($(#[$doc:meta])+ $name:ident) => {
        $(#[$doc])+
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The id, as the platform writes it.
            #[must_use]
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// The id as the platform writes it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id! {
    /// Id of a voucher on offer (`voucherId`): what is bought.
    ///
    /// What was bought has an id of its own, a [`VoucherInstanceId`]; two types keep them apart.
    ///
    /// ```compile_fail
    /// use mno_sdk::kite::{VoucherId, VoucherInstanceId};
    ///
    /// let bought: VoucherInstanceId = VoucherId::new("7001");
    /// ```
    VoucherId
}

id! {
    /// Id of a voucher that was bought (`voucherInstanceId`): what is cancelled.
    VoucherInstanceId
}

impl From<&Voucher> for VoucherId {
    fn from(offered: &Voucher) -> Self {
        Self(offered.voucher_id.clone())
    }
}

impl From<&ActiveVoucher> for VoucherInstanceId {
    fn from(active: &ActiveVoucher) -> Self {
        Self(active.voucher_instance_id.clone())
    }
}

/// How a one-time voucher is bought; what is not set is as the voucher has it.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct OneTimeOptions {
    /// When it is to expire. Refused where the voucher is not activated at once.
    pub expires: Option<DateTime>,
    /// Whether one-time vouchers that the SIM has already stay valid as long as the new one.
    pub extend_previous: Option<bool>,
}

impl OneTimeOptions {
    /// Sets when it is to expire.
    #[must_use]
    pub fn with_expires(mut self, time: DateTime) -> Self {
        self.expires = Some(time);
        self
    }

    /// Sets whether earlier one-time vouchers stay valid as long as the new one.
    #[must_use]
    pub fn with_extend_previous(mut self, extend: bool) -> Self {
        self.extend_previous = Some(extend);
        self
    }
}

/// How a recurrent voucher is bought; what is not set is as the voucher has it.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct RecurrentOptions {
    /// When it is to expire. Refused where the voucher is not activated at once.
    pub expires: Option<DateTime>,
    /// Day on which it is renewed: presumably of the month, from 1.
    pub renewal_day: Option<u32>,
    /// Bytes up to the first renewal.
    pub initial_data: Option<u64>,
}

impl RecurrentOptions {
    /// Sets when it is to expire.
    #[must_use]
    pub fn with_expires(mut self, time: DateTime) -> Self {
        self.expires = Some(time);
        self
    }

    /// Sets the day on which it is renewed.
    #[must_use]
    pub fn with_renewal_day(mut self, day: u32) -> Self {
        self.renewal_day = Some(day);
        self
    }

    /// Sets the bytes up to the first renewal.
    #[must_use]
    pub fn with_initial_data(mut self, bytes: u64) -> Self {
        self.initial_data = Some(bytes);
        self
    }
}

/// Prepaid vouchers of SIMs (guide 5.12): a volume of data for a time, bought once or renewed.
///
/// Answers hold the generated types of [`vouchers`](crate::kite::vouchers). The shape of the
/// messages is inferred: the first real call may prove it wrong. An unknown SIM or voucher is an
/// error with [`is_not_found`](Error::is_not_found).
///
/// **Purchases cost money and are never sent twice.** When the answer to one is lost, the error
/// says [`is_outcome_unknown`](Error::is_outcome_unknown), and [`active`](Self::active) tells what
/// became of it:
///
/// ```no_run
/// # use mno_sdk::runtime::values::Iccid;
/// # async fn example(kite: mno_sdk::Kite, icc: Iccid) -> Result<(), mno_sdk::Error> {
/// use mno_sdk::kite::vouchers::VoucherKind;
/// use mno_sdk::kite::{OneTimeOptions, VoucherId};
///
/// let vouchers = kite.vouchers();
/// let offered = vouchers.available(icc.clone()).await?;
/// let Some(small) = offered.ok().find(|v| v.type_ == VoucherKind::OneTime) else {
///     return Ok(());
/// };
/// let id = VoucherId::from(small);
/// let bought = vouchers.purchase_one_time(icc.clone(), &id, OneTimeOptions::default()).await;
/// match bought {
///     Ok(instance) => println!("bought: {instance}"),
///     Err(e) if e.is_outcome_unknown() => {
///         for voucher in vouchers.active(icc).await?.ok() {
///             println!("{e}: {:?} {:?}", voucher.voucher_id, voucher.purchase_date_time);
///         }
///     }
///     Err(e) => return Err(e),
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct Vouchers {
    client: Client,
}

impl Vouchers {
    pub(crate) fn new(kite: &Kite) -> Self {
        Self {
            client: client!(kite, Vouchers, mno_kite_vouchers_v1),
        }
    }

    /// The same handle with options (deadline, priority, longest wait for a permit) for every
    /// call from here on.
    #[must_use]
    pub fn with_options(&self, options: CallOptions) -> Self {
        Self {
            client: self.client.with_options(options),
        }
    }

    /// The generated client, for everything that this handle does not do.
    #[must_use]
    pub fn raw(&self) -> &Client {
        &self.client
    }

    /// The vouchers that can be bought for a SIM, each on its own readable or not. Volumes are in
    /// bytes.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn available(&self, sim: impl Into<SimId>) -> Result<Items<Voucher>, Error> {
        let request = GetAvailableVoucher::new(sim);
        Ok(self
            .client
            .get_available_voucher(&request)
            .await?
            .voucher_data)
    }

    /// The vouchers that a SIM has and that have not expired, with what is left of each in bytes.
    ///
    /// [`raw`](Self::raw) has the filters by zone and destination.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn active(&self, sim: impl Into<SimId>) -> Result<Items<ActiveVoucher>, Error> {
        let request = GetActiveVouchers::new(sim);
        Ok(self
            .client
            .get_active_vouchers(&request)
            .await?
            .active_voucher_data)
    }

    /// Buys a voucher of type `ONE_TIME` for a SIM. Sent once.
    ///
    /// # Errors
    /// [`Error`] of every kind; [`is_outcome_unknown`](Error::is_outcome_unknown) when it may have
    /// been bought: look at [`active`](Self::active) before buying again.
    pub async fn purchase_one_time(
        &self,
        sim: impl Into<SimId>,
        voucher: &VoucherId,
        options: OneTimeOptions,
    ) -> Result<VoucherInstanceId, Error> {
        let mut request = PurchaseOneTimeVoucher::new(sim, voucher.as_str());
        request.expiration_date = options.expires;
        request.extend_previous_one_time_vouchers = options.extend_previous;
        let answer = self.client.purchase_one_time_voucher(&request).await?;
        Ok(VoucherInstanceId(answer.voucher_instance_id))
    }

    /// Buys a voucher of type `RECURRENT` for a SIM: it is renewed, and paid again, until
    /// [`cancel_renewal`](Self::cancel_renewal). Sent once.
    ///
    /// # Errors
    /// [`Error`] of every kind; [`is_outcome_unknown`](Error::is_outcome_unknown) when it may have
    /// been bought: look at [`active`](Self::active) before buying again.
    pub async fn purchase_recurrent(
        &self,
        sim: impl Into<SimId>,
        voucher: &VoucherId,
        options: RecurrentOptions,
    ) -> Result<VoucherInstanceId, Error> {
        let mut request = PurchaseRecurrentVoucher::new(sim, voucher.as_str());
        request.expiration_date = options.expires;
        request.renewal_day = options.renewal_day;
        request.initial_data = options.initial_data;
        let answer = self.client.purchase_recurrent_voucher(&request).await?;
        Ok(VoucherInstanceId(answer.voucher_instance_id))
    }

    /// Cancels a one-time voucher; presumably only one that is not active yet.
    ///
    /// The guide calls the operation `cancelVoucher` (5.12) and `cancelOneTimeVoucher` (6.9); the
    /// first is what is sent.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn cancel(
        &self,
        sim: impl Into<SimId>,
        voucher: &VoucherInstanceId,
    ) -> Result<(), Error> {
        let request = CancelVoucher::new(sim, voucher.as_str());
        self.client.cancel_voucher(&request).await?;
        Ok(())
    }

    /// Cancels the renewal of a recurrent voucher: presumably it stays until it ends, and is not
    /// paid again.
    ///
    /// # Errors
    /// [`Error`] of every kind.
    pub async fn cancel_renewal(
        &self,
        sim: impl Into<SimId>,
        voucher: &VoucherInstanceId,
    ) -> Result<(), Error> {
        let request = CancelRecurrentVoucherRenewal::new(sim, voucher.as_str());
        self.client
            .cancel_recurrent_voucher_renewal(&request)
            .await?;
        Ok(())
    }
}
