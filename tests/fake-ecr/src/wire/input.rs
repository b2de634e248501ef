//! The body of a call, read member by member with the limits of the API model.
//!
//! For: the operations. Assumes: a JSON object; members that the model does not know are ignored, as the
//! service does. Leaves out: what one operation alone asks of its members.

use serde_json::{Map, Value};

use super::Refusal;

/// A digest and a tag, one or both of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ImageId {
    /// `imageDigest`.
    pub(crate) digest: Option<String>,
    /// `imageTag`.
    pub(crate) tag: Option<String>,
}

impl ImageId {
    /// The id as the API writes it.
    pub(crate) fn to_json(&self) -> Value {
        let mut object = Map::new();
        if let Some(digest) = &self.digest {
            object.insert("imageDigest".into(), digest.as_str().into());
        }
        if let Some(tag) = &self.tag {
            object.insert("imageTag".into(), tag.as_str().into());
        }
        Value::Object(object)
    }
}

/// One JSON object of a request.
#[derive(Debug, Clone)]
pub(crate) struct Input(Map<String, Value>);

impl Input {
    /// Reads the body; an empty one is an empty object.
    pub(crate) fn read(body: &[u8]) -> Result<Self, Refusal> {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self(Map::new()));
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(object)) => Ok(Self(object)),
            _ => Err(Refusal::new(
                "SerializationException",
                "Start of structure or map found where not expected.",
            )),
        }
    }

    /// A member as it stands; `null` is as good as none.
    pub(crate) fn raw(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// A string.
    pub(crate) fn string(&self, name: &str) -> Result<Option<&str>, Refusal> {
        self.raw(name).map(|value| value.as_str().ok_or_else(|| wrong_type(name))).transpose()
    }

    /// A string that has to be there.
    pub(crate) fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.string(name)?.ok_or_else(|| Refusal::parameter(name, "Member must not be null"))
    }

    /// One of the values of an enumeration.
    pub(crate) fn one_of(
        &self,
        name: &str,
        values: &[&'static str],
    ) -> Result<Option<&'static str>, Refusal> {
        let Some(given) = self.string(name)? else { return Ok(None) };
        match values.iter().find(|value| **value == given) {
            Some(value) => Ok(Some(value)),
            None => Err(Refusal::parameter(
                name,
                &format!("Member must satisfy enum value set: [{}]", values.join(", ")),
            )),
        }
    }

    /// A Boolean; none is false.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, Refusal> {
        self.raw(name).map_or(Ok(false), |value| value.as_bool().ok_or_else(|| wrong_type(name)))
    }

    /// A whole number.
    pub(crate) fn integer(&self, name: &str) -> Result<Option<i64>, Refusal> {
        self.raw(name).map(|value| value.as_i64().ok_or_else(|| wrong_type(name))).transpose()
    }

    /// `maxResults` within its limits, or the default.
    pub(crate) fn page_size(&self, largest: i64, default: usize) -> Result<usize, Refusal> {
        let Some(given) = self.integer("maxResults")? else { return Ok(default) };
        if given < 1 {
            return Err(Refusal::parameter(
                "maxResults",
                "Member must have value greater than or equal to 1",
            ));
        }
        if largest < given {
            return Err(Refusal::parameter(
                "maxResults",
                &format!("Member must have value less than or equal to {largest}"),
            ));
        }
        usize::try_from(given).map_err(|_| wrong_type("maxResults"))
    }

    /// A nested structure; none is an empty one.
    pub(crate) fn structure(&self, name: &str) -> Result<Option<Self>, Refusal> {
        match self.raw(name) {
            None => Ok(None),
            Some(Value::Object(object)) => Ok(Some(Self(object.clone()))),
            Some(_) => Err(wrong_type(name)),
        }
    }

    /// A list with a number of members within bounds; none where the member is absent.
    pub(crate) fn list(&self, name: &str, least: usize, most: usize) -> Result<Option<&Vec<Value>>, Refusal> {
        let Some(value) = self.raw(name) else { return Ok(None) };
        let list = value.as_array().ok_or_else(|| wrong_type(name))?;
        if list.len() < least {
            return Err(Refusal::parameter(
                name,
                &format!("Member must have length greater than or equal to {least}"),
            ));
        }
        if most < list.len() {
            return Err(Refusal::parameter(
                name,
                &format!("Member must have length less than or equal to {most}"),
            ));
        }
        Ok(Some(list))
    }

    /// A list of strings.
    pub(crate) fn strings(
        &self,
        name: &str,
        least: usize,
        most: usize,
    ) -> Result<Option<Vec<String>>, Refusal> {
        let Some(list) = self.list(name, least, most)? else { return Ok(None) };
        list.iter()
            .map(|value| value.as_str().map(str::to_owned).ok_or_else(|| wrong_type(name)))
            .collect::<Result<_, _>>()
            .map(Some)
    }

    /// A list of structures.
    pub(crate) fn structures(
        &self,
        name: &str,
        least: usize,
        most: usize,
    ) -> Result<Option<Vec<Self>>, Refusal> {
        let Some(list) = self.list(name, least, most)? else { return Ok(None) };
        list.iter()
            .map(|value| value.as_object().cloned().map(Self).ok_or_else(|| wrong_type(name)))
            .collect::<Result<_, _>>()
            .map(Some)
    }

    /// `imageIds`, 1 to 100 of them.
    pub(crate) fn image_ids(&self) -> Result<Option<Vec<ImageId>>, Refusal> {
        let Some(list) = self.structures("imageIds", 1, 100)? else { return Ok(None) };
        list.iter().map(Self::as_image_id).collect::<Result<_, _>>().map(Some)
    }

    /// This structure as an id of an image.
    pub(crate) fn as_image_id(&self) -> Result<ImageId, Refusal> {
        Ok(ImageId {
            digest: self.string("imageDigest")?.map(str::to_owned),
            tag: self.string("imageTag")?.map(str::to_owned),
        })
    }
}

fn wrong_type(name: &str) -> Refusal {
    Refusal::new("SerializationException", format!("Value of '{name}' has another type than is expected"))
}
