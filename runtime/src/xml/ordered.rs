//! Reading by position: content in which names alone do not tell what an element is.

use super::{AnyElement, Cursor, Decode, DecodeError, DecodeErrorKind, Items, NsId, Tag};

/// Names of elements.
type Names<'n> = &'n [(NsId, &'n str)];

/// The children of the innermost open element, in the order of the contract.
///
/// It looks one child ahead. Elements that the contract does not know are skipped and counted,
/// unless something here takes any element; everything else has to stand where the contract has
/// it.
pub struct Ordered<'c, 'a> {
    cursor: &'c mut Cursor<'a>,
    known: Names<'c>,
    next: Option<Tag<'a>>,
}

/// A choice or a group of elements that is read by position.
pub trait Part: Sized {
    /// The next child can begin it.
    fn begins(children: &Ordered<'_, '_>) -> bool;

    /// Reads it.
    ///
    /// # Errors
    /// When the content is not what the contract says.
    fn decode_part(children: &mut Ordered<'_, '_>) -> Result<Self, DecodeError>;
}

impl<T: Part> Part for Box<T> {
    fn begins(children: &Ordered<'_, '_>) -> bool {
        T::begins(children)
    }

    fn decode_part(children: &mut Ordered<'_, '_>) -> Result<Self, DecodeError> {
        T::decode_part(children).map(Box::new)
    }
}

impl<'a> Cursor<'a> {
    /// The children of the innermost open element, of which these have a place in the contract.
    ///
    /// # Errors
    /// When the document is not well-formed from here on.
    pub fn ordered<'c>(&'c mut self, known: Names<'c>) -> Result<Ordered<'c, 'a>, DecodeError> {
        let next = self.next_child()?;
        Ok(Ordered {
            cursor: self,
            known,
            next,
        })
    }
}

impl<'a> Ordered<'_, 'a> {
    /// The next child that the contract knows is one of these.
    #[must_use]
    pub fn at(&self, names: Names<'_>) -> bool {
        self.next
            .is_some_and(|tag| names.contains(&(tag.ns, tag.local)))
    }

    /// The next child is one that the contract does not know.
    #[must_use]
    pub fn at_unknown(&self) -> bool {
        self.next
            .is_some_and(|tag| !self.known.contains(&(tag.ns, tag.local)))
    }

    /// Skips what the contract does not know.
    fn settle(&mut self) -> Result<(), DecodeError> {
        while self.at_unknown() {
            self.cursor.skip_unknown()?;
            self.next = self.cursor.next_child()?;
        }
        Ok(())
    }

    /// Reads the next child if it is this one.
    fn take<T>(
        &mut self,
        ns: NsId,
        local: &str,
        read: impl FnOnce(&mut Cursor<'a>, &Tag<'a>) -> Result<T, DecodeError>,
    ) -> Result<Option<T>, DecodeError> {
        let Some(tag) = self.next.filter(|tag| tag.is(ns, local)) else {
            return Ok(None);
        };
        let value = read(self.cursor, &tag)?;
        self.next = self.cursor.next_child()?;
        Ok(Some(value))
    }

    /// Reads an element that has to stand here.
    ///
    /// # Errors
    /// When another one does or none, or its content is not what the contract says.
    pub fn one<T>(
        &mut self,
        ns: NsId,
        local: &str,
        read: impl FnOnce(&mut Cursor<'a>, &Tag<'a>) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        self.settle()?;
        match self.take(ns, local, read)? {
            Some(value) => Ok(value),
            None => Err(self.missing(local)),
        }
    }

    /// Reads an element that may stand here.
    ///
    /// # Errors
    /// When its content is not what the contract says.
    pub fn optional<T>(
        &mut self,
        ns: NsId,
        local: &str,
        read: impl FnOnce(&mut Cursor<'a>, &Tag<'a>) -> Result<Option<T>, DecodeError>,
    ) -> Result<Option<T>, DecodeError> {
        self.take(ns, local, read).map(Option::flatten)
    }

    /// Reads an element as often as it stands here.
    ///
    /// # Errors
    /// When the content of one is not what the contract says.
    pub fn many<T>(
        &mut self,
        ns: NsId,
        local: &str,
        mut read: impl FnMut(&mut Cursor<'a>, &Tag<'a>) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        let mut out = Vec::new();
        while let Some(value) = self.take(ns, local, &mut read)? {
            out.push(value);
        }
        Ok(out)
    }

    /// Reads an element as often as it stands here, each on its own good or bad.
    ///
    /// # Errors
    /// Only when the document itself is broken.
    pub fn items<T: Decode>(&mut self, ns: NsId, local: &str) -> Result<Items<T>, DecodeError> {
        let mut out = Items::default();
        while let Some(item) = self.take(ns, local, Cursor::item)? {
            out.push_result(item);
        }
        Ok(out)
    }

    /// Reads a choice or a group that has to stand here; `names` is what can begin it.
    ///
    /// # Errors
    /// When it does not, or its content is not what the contract says.
    pub fn part<T: Part>(&mut self, names: &str) -> Result<T, DecodeError> {
        match self.optional_part()? {
            Some(part) => Ok(part),
            None => {
                self.settle()?;
                match self.optional_part()? {
                    Some(part) => Ok(part),
                    None => Err(self.missing(names)),
                }
            }
        }
    }

    /// Reads a choice or a group that may stand here.
    ///
    /// # Errors
    /// When its content is not what the contract says.
    pub fn optional_part<T: Part>(&mut self) -> Result<Option<T>, DecodeError> {
        if T::begins(self) {
            T::decode_part(self).map(Some)
        } else {
            Ok(None)
        }
    }

    /// Reads a choice or a group as often as it stands here.
    ///
    /// # Errors
    /// When the content of one is not what the contract says.
    pub fn parts<T: Part>(&mut self) -> Result<Vec<T>, DecodeError> {
        let mut out = Vec::new();
        while let Some(part) = self.optional_part()? {
            out.push(part);
        }
        Ok(out)
    }

    /// Reads an element that the contract does not know and that may stand here.
    ///
    /// # Errors
    /// When it is not well-formed.
    pub fn optional_any(&mut self) -> Result<Option<AnyElement>, DecodeError> {
        let Some(tag) = self.next.filter(|_| self.at_unknown()) else {
            return Ok(None);
        };
        let any = self.cursor.any(&tag)?;
        self.next = self.cursor.next_child()?;
        Ok(Some(any))
    }

    /// Reads an element that the contract does not know.
    ///
    /// # Errors
    /// When there is none, or it is not well-formed.
    pub fn any(&mut self) -> Result<AnyElement, DecodeError> {
        match self.optional_any()? {
            Some(any) => Ok(any),
            None => Err(self.missing("xs:any")),
        }
    }

    /// Reads up to so many elements that the contract does not know.
    ///
    /// # Errors
    /// When one is not well-formed.
    pub fn anys(&mut self, max: Option<usize>) -> Result<Vec<AnyElement>, DecodeError> {
        let mut out = Vec::new();
        while max.is_none_or(|max| out.len() < max)
            && let Some(any) = self.optional_any()?
        {
            out.push(any);
        }
        Ok(out)
    }

    /// Reads the end of the element.
    ///
    /// # Errors
    /// When an element that the contract has elsewhere stands before it.
    pub fn finish(mut self) -> Result<(), DecodeError> {
        self.settle()?;
        match self.next {
            None => Ok(()),
            Some(_) => {
                let message = "the contract has this element elsewhere or not as often";
                Err(self
                    .cursor
                    .error(DecodeErrorKind::Unexpected, message.to_owned()))
            }
        }
    }

    /// For generated code: an element (or one of several) is not where it has to be.
    #[must_use]
    pub fn missing(&self, local: &str) -> DecodeError {
        match self.next {
            None => {
                let message = "a required element is missing".to_owned();
                self.cursor
                    .closed_error(DecodeErrorKind::Missing, local, message)
            }
            Some(_) => {
                let message = format!("this element stands where `{local}` has to");
                self.cursor.error(DecodeErrorKind::Unexpected, message)
            }
        }
    }
}
