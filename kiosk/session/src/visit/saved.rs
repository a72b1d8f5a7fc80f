//! Facts and their paths as they are written where a visit is put aside.

/// The interchange form of guidance's facts.
pub(crate) mod facts {
    use guidance::Facts;
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        facts: &Option<Facts>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        facts.as_ref().map(Facts::to_value).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Facts>, D::Error> {
        let value = Option::<serde_json::Value>::deserialize(deserializer)?;
        let facts = value.map(|value| Facts::from_value(&value));
        facts.transpose().map_err(D::Error::custom)
    }
}

/// Paths of facts as text: `persons[A].pregnant`.
pub(crate) mod paths {
    use guidance::FactPath;
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        paths: &[FactPath],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(paths.iter().map(FactPath::to_string))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<FactPath>, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        let paths = texts.iter().map(|text| text.parse());
        paths.collect::<Result<_, _>>().map_err(D::Error::custom)
    }
}

/// A map whose keys are no texts, as a list of pairs.
pub(crate) mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer, K: Serialize, V: Serialize>(
        map: &BTreeMap<K, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map)
    }

    pub(crate) fn deserialize<
        'de,
        D: Deserializer<'de>,
        K: Deserialize<'de> + Ord,
        V: Deserialize<'de>,
    >(
        deserializer: D,
    ) -> Result<BTreeMap<K, V>, D::Error> {
        Ok(Vec::<(K, V)>::deserialize(deserializer)?
            .into_iter()
            .collect())
    }
}

/// The four items. The type itself is no data to be written by accident; only a visit that is put aside writes them.
pub(crate) mod card {
    use jiff::civil::Date;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::effect::CardItems;

    #[derive(Serialize)]
    struct Written<'a> {
        name: &'a str,
        address: &'a str,
        birth_date: Date,
        sex: u8,
        proof: bool,
        genuine: bool,
    }

    #[derive(Deserialize)]
    struct Read {
        name: String,
        address: String,
        birth_date: Date,
        sex: u8,
        proof: bool,
        genuine: bool,
    }

    pub(crate) fn serialize<S: Serializer>(
        card: &Option<CardItems>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let written = card.as_ref().map(|card| Written {
            name: &card.name,
            address: &card.address,
            birth_date: card.birth_date,
            sex: card.sex,
            proof: card.proof,
            genuine: card.genuine,
        });
        written.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<CardItems>, D::Error> {
        let read = Option::<Read>::deserialize(deserializer)?;
        Ok(read.map(|card| CardItems {
            name: card.name,
            address: card.address,
            birth_date: card.birth_date,
            sex: card.sex,
            proof: card.proof,
            genuine: card.genuine,
        }))
    }
}
