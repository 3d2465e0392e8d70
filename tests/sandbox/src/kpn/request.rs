//! A call as the operations see it: path, query, language and body, read and checked.

use bytes::Bytes;
use serde::de::value::{Error as ValueError, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};
use serde_json::{Value, json};

use super::refusal::Refusal;

/// Window of a list that says none.
const DEFAULT_TO: usize = 20;

/// What comes back from an operation that succeeds.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Answer {
    /// 200 with JSON.
    Json(Value),
    /// 200 without a body.
    Empty,
    /// 200 with a file.
    File {
        content_type: &'static str,
        name: String,
        body: Bytes,
    },
}

pub(super) type Answered = Result<Answer, Refusal>;

/// The language that texts are searched and sorted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Tongue {
    English,
    /// Also when nothing is said.
    #[default]
    Dutch,
}

impl Tongue {
    /// From the header `Content-Language`.
    pub(super) fn of(header: Option<&str>) -> Self {
        match header {
            Some(text) if text.trim().to_ascii_lowercase().starts_with("en") => Self::English,
            _ => Self::Dutch,
        }
    }
}

/// One call of an operation.
#[derive(Debug, Default)]
pub(super) struct Request {
    /// Numbers in the path, in their order.
    pub(super) path: Vec<i64>,
    pub(super) query: Vec<(String, String)>,
    pub(super) tongue: Tongue,
    pub(super) content_type: String,
    pub(super) body: Bytes,
}

impl Request {
    /// The number in the path.
    pub(super) fn id(&self) -> i64 {
        self.path.first().copied().unwrap_or_default()
    }

    /// A parameter of the query that comes at most once.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, Refusal> {
        let mut all = self.all(name);
        let first = all.next();
        if all.next().is_some() {
            return Err(Refusal::invalid(format!("{name} is there twice")));
        }
        Ok(first)
    }

    /// A parameter that must be there.
    pub(super) fn needed(&self, name: &str) -> Result<&str, Refusal> {
        self.text(name)?
            .filter(|text| !text.is_empty())
            .ok_or_else(|| Refusal::invalid(format!("{name} is missing in the query")))
    }

    /// A parameter that may be repeated.
    pub(super) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        let of_name = self.query.iter().filter(move |(key, _)| key == name);
        of_name.map(|(_, value)| value.as_str())
    }

    /// A number in the query.
    pub(super) fn number(&self, name: &str) -> Result<Option<i64>, Refusal> {
        let read = |text: &str| {
            text.parse()
                .map_err(|_| Refusal::invalid(format!("{name} is not a whole number")))
        };
        self.text(name)?.map(read).transpose()
    }

    /// A number that must be there.
    pub(super) fn needed_number(&self, name: &str) -> Result<i64, Refusal> {
        self.needed(name)?;
        Ok(self.number(name)?.unwrap_or_default())
    }

    /// A flag in the query.
    pub(super) fn flag(&self, name: &str, default: bool) -> Result<bool, Refusal> {
        match self.text(name)? {
            None => Ok(default),
            Some("true") => Ok(true),
            Some("false") => Ok(false),
            Some(_) => Err(Refusal::invalid(format!(
                "{name} is neither true nor false"
            ))),
        }
    }

    /// A value of an enumeration in the query.
    pub(super) fn choice<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Refusal> {
        self.text(name)?.map(|text| choice(name, text)).transpose()
    }

    /// Values of an enumeration in a parameter that is repeated.
    pub(super) fn choices<T: DeserializeOwned>(&self, name: &str) -> Result<Vec<T>, Refusal> {
        self.all(name).map(|text| choice(name, text)).collect()
    }

    /// Whether to sort downwards.
    pub(super) fn descending(&self) -> Result<Option<bool>, Refusal> {
        match self.text("order")? {
            None => Ok(None),
            Some("ASC") => Ok(Some(false)),
            Some("DESC") => Ok(Some(true)),
            Some(_) => Err(Refusal::invalid("order is neither ASC nor DESC")),
        }
    }

    /// The window's part of a list, in its envelope.
    pub(super) fn page(&self, all: Vec<Value>) -> Answered {
        self.window(all, Some(DEFAULT_TO))
    }

    /// The same for lists without documented defaults: without `to`, everything.
    pub(super) fn open_page(&self, all: Vec<Value>) -> Answered {
        self.window(all, None)
    }

    fn window(&self, all: Vec<Value>, default_to: Option<usize>) -> Answered {
        let bound = |name| {
            let number = self.number(name)?;
            let read = |n| {
                usize::try_from(n)
                    .ok()
                    .filter(|_| i32::try_from(n).is_ok())
                    .ok_or_else(|| Refusal::invalid(format!("{name} is out of range")))
            };
            number.map(read).transpose()
        };
        let total = all.len();
        let from = bound("from")?.unwrap_or(0);
        let to = bound("to")?.or(default_to).unwrap_or(total.max(from));
        if from > to {
            return Err(Refusal::invalid("from is greater than to"));
        }
        let result: Vec<_> = all.into_iter().take(to).skip(from).collect();
        Ok(Answer::Json(json!({ "result": result, "total": total })))
    }

    /// The body, as JSON of this shape. Unknown fields are refused: a misspelt one would reset
    /// what it was to keep.
    pub(super) fn body<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        let media = self.content_type.split(';').next().unwrap_or_default();
        if !media.trim().eq_ignore_ascii_case("application/json") {
            return Err(Refusal::invalid("The body must be application/json"));
        }
        serde_json::from_slice(&self.body)
            .map_err(|error| Refusal::invalid(format!("The body is not valid: {error}")))
    }
}

fn choice<T: DeserializeOwned>(name: &str, text: &str) -> Result<T, Refusal> {
    let from: StrDeserializer<'_, ValueError> = text.into_deserializer();
    T::deserialize(from).map_err(|error| Refusal::invalid(format!("{name}: {error}")))
}

/// What a list is searched by: every pattern is found somewhere, every column of the filters has
/// one of its values. Case does not matter.
#[derive(Debug, Default)]
pub(super) struct Search {
    patterns: Vec<String>,
    filters: Vec<(String, Vec<String>)>,
}

impl Search {
    /// From `patterns` and `filters`; the latter knows these columns.
    pub(super) fn of(request: &Request, columns: &[&str]) -> Result<Self, Refusal> {
        let filters = match request.text("filters")? {
            Some(text) if !columns.is_empty() => filters(text, columns)?,
            _ => Vec::new(),
        };
        Ok(Self {
            patterns: request.all("patterns").map(str::to_lowercase).collect(),
            filters,
        })
    }

    /// Whether a row fits, by the texts of its columns.
    pub(super) fn fits(&self, columns: &[(&str, String)]) -> bool {
        let has = |text: &str, part: &String| text.to_lowercase().contains(part.as_str());
        let anywhere = |part| columns.iter().any(|(_, text)| has(text, part));
        let column = |name: &str| columns.iter().find(|(key, _)| *key == name);
        self.patterns.iter().all(anywhere)
            && self.filters.iter().all(|(name, parts)| {
                column(name).is_some_and(|(_, text)| parts.iter().any(|part| has(text, part)))
            })
    }
}

/// Reads `COLUMN: "v1", "v2"; OTHER: "v3"`.
fn filters(text: &str, columns: &[&str]) -> Result<Vec<(String, Vec<String>)>, Refusal> {
    let wrong = || Refusal::invalid(r#"filters is not of the form COLUMN: "a", "b"; OTHER: "c""#);
    let mut all = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (name, after) = rest.split_once(':').ok_or_else(wrong)?;
        let name = name.trim();
        if !columns.contains(&name) {
            return Err(Refusal::invalid(format!("filters: no column {name} here")));
        }
        let mut values = Vec::new();
        rest = after;
        loop {
            let inside = rest.trim_start().strip_prefix('"').ok_or_else(wrong)?;
            let (value, after) = inside.split_once('"').ok_or_else(wrong)?;
            values.push(value.to_lowercase());
            rest = after.trim_start();
            match rest.strip_prefix(',') {
                Some(more) => rest = more,
                None => break,
            }
        }
        all.push((name.to_owned(), values));
        rest = match rest.strip_prefix(';') {
            Some(more) => more.trim_start(),
            None if rest.is_empty() => rest,
            None => return Err(wrong()),
        };
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn request(query: &[(&str, &str)]) -> Request {
        let pair = |(k, v): &(&str, &str)| ((*k).to_owned(), (*v).to_owned());
        Request {
            query: query.iter().map(pair).collect(),
            ..Request::default()
        }
    }

    fn numbers(answer: Answered) -> (Vec<i64>, i64) {
        let Answer::Json(body) = answer.unwrap() else {
            return (Vec::new(), -1);
        };
        let result = body["result"].as_array().unwrap();
        let result = result.iter().map(|n| n.as_i64().unwrap()).collect();
        (result, body["total"].as_i64().unwrap())
    }

    #[test]
    fn windows() {
        let rows = || (0..25).map(|n| json!(n)).collect::<Vec<_>>();
        let page = |query: &[_]| numbers(request(query).page(rows()));
        assert_eq!(page(&[]), ((0..20).collect(), 25));
        assert_eq!(
            page(&[("from", "20"), ("to", "40")]),
            ((20..25).collect(), 25)
        );
        assert_eq!(page(&[("from", "0"), ("to", "0")]), (vec![], 25));
        assert_eq!(numbers(request(&[]).open_page(rows())).0.len(), 25);
        for wrong in [
            [("from", "3"), ("to", "2")],
            [("from", "-1"), ("to", "2")],
            [("from", "0"), ("to", "x")],
            [("from", "0"), ("to", "2147483648")],
            [("from", "0"), ("from", "0")],
        ] {
            assert_eq!(request(&wrong).page(rows()).unwrap_err().status, 400);
        }
        // The default end is before this beginning.
        assert_eq!(
            request(&[("from", "21")]).page(rows()).unwrap_err().status,
            400
        );
    }

    #[test]
    fn filters_are_read() {
        let read = |text| filters(text, &["A", "B"]);
        let is = |name: &str, values: &[&str]| {
            let values = values.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>();
            (name.to_owned(), values)
        };
        let two = read(r#"A: "x, y", "Z"; B:"1;2""#).unwrap();
        assert_eq!(two, [is("A", &["x, y", "z"]), is("B", &["1;2"])]);
        assert_eq!(read(r#"A: "x";"#).unwrap(), [is("A", &["x"])]);
        for wrong in [
            "A",
            "A:",
            "A: x",
            r#"A: "x"#,
            r#"A: "x" B: "y""#,
            r#"C: "x""#,
        ] {
            assert_eq!(read(wrong).unwrap_err().status, 400, "{wrong}");
        }
    }

    #[test]
    fn searches() {
        let row = [("A", "Example, Alex".to_owned()), ("B", "999".to_owned())];
        let fits = |query: &[_]| {
            let search = Search::of(&request(query), &["A", "B"]).unwrap();
            search.fits(&row)
        };
        assert!(fits(&[]));
        assert!(fits(&[("patterns", "alex"), ("patterns", "99")]));
        assert!(!fits(&[("patterns", "alex"), ("patterns", "77")]));
        assert!(fits(&[("filters", r#"A: "nobody", "exam"; B: "9""#)]));
        assert!(!fits(&[("filters", r#"A: "exam"; B: "7""#)]));
    }
}
