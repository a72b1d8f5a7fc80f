//! Households and residents as the town's register holds them (住民記録システム標準仕様書 7.2.2 names the facts).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// 性別 as the register writes it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// 男
    Male,
    /// 女
    Female,
}

impl Sex {
    /// The digit in the card's four items (ISO 5218).
    #[must_use]
    pub fn digit(self) -> u8 {
        match self {
            Self::Male => 1,
            Self::Female => 2,
        }
    }
}

/// What the register holds of a household.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HouseholdStatus {
    /// Residents.
    #[default]
    Resident,
    /// About to move in: another town's notice (転出証明書情報) has come, the address is still the old one.
    Expected,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $word:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$word_doc])* $word),+ }
    };
}

words! {
    /// 在留の区分
    ResidenceStatus {
        /// Japanese nationals.
        None,
        /// 中長期在留者
        MidLongTerm,
        /// 特別永住者
        SpecialPermanent,
    }
}
words! {
    /// 医療保険
    HealthInsurance {
        /// 国民健康保険
        National,
        /// 健康保険・共済の被保険者
        Employees,
        /// その被扶養者
        EmployeesDependent,
        /// 後期高齢者医療
        LateElderly,
        /// 生活保護（医療扶助）
        PublicAssistance,
        /// Not settled yet, as for a newborn.
        NotYet,
    }
}
words! {
    /// 国民年金の種別
    PensionCategory {
        /// Not insured.
        None,
        /// 第1号
        First,
        /// 第2号
        Second,
        /// 第3号
        Third,
    }
}
words! {
    /// 受給している年金
    PensionReceived {
        /// None.
        None,
        /// 基礎年金
        Basic,
        /// 厚生年金
        Employees,
    }
}
words! {
    /// 要介護・要支援認定
    LongTermCare {
        /// None.
        None,
        /// 要支援
        Support,
        /// 要介護
        Care,
    }
}
words! {
    /// 障害者手帳
    Disability {
        /// None.
        None,
        /// 身体障害者手帳
        Physical,
        /// 精神障害者保健福祉手帳
        Mental,
        /// 療育手帳
        Intellectual,
    }
}
words! {
    /// 児童手当
    ChildAllowance {
        /// Neither.
        None,
        /// 受給者
        Recipient,
        /// Will have to claim.
        Claimant,
    }
}
words! {
    /// 在学
    School {
        /// Neither.
        None,
        /// 小学校
        Elementary,
        /// 中学校
        JuniorHigh,
    }
}

/// What the town knows of one person, by the long names of the guidance interchange. An absent fact is one that
/// the town does not know and the kiosk may ask; "no" is said as `false` or `none`.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonFacts {
    /// Japanese national.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub japanese_national: Option<bool>,
    /// 在留の区分
    #[serde(skip_serializing_if = "Option::is_none")]
    pub residence_status: Option<ResidenceStatus>,
    /// 医療保険
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health_insurance: Option<HealthInsurance>,
    /// 国民年金の種別
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pension_category: Option<PensionCategory>,
    /// 受給している年金
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pension_received: Option<PensionReceived>,
    /// Holds a My Number Card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub my_number_card: Option<bool>,
    /// Holds a valid 署名用電子証明書.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signing_certificate: Option<bool>,
    /// 印鑑登録
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registered_seal: Option<bool>,
    /// 要介護・要支援認定
    #[serde(skip_serializing_if = "Option::is_none")]
    pub long_term_care: Option<LongTermCare>,
    /// 障害者手帳
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disability: Option<Disability>,
    /// 児童手当
    #[serde(skip_serializing_if = "Option::is_none")]
    pub child_allowance: Option<ChildAllowance>,
    /// 公務員 (whose 児童手当 the employer pays).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub civil_servant: Option<bool>,
    /// 在学
    #[serde(skip_serializing_if = "Option::is_none")]
    pub school: Option<School>,
    /// 保育施設に在籍
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nursery: Option<bool>,
    /// 母子健康手帳 given, child not born yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pregnant: Option<bool>,
    /// 児童扶養手当の受給者
    #[serde(skip_serializing_if = "Option::is_none")]
    pub child_rearing_allowance: Option<bool>,
    /// Born abroad.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub born_abroad: Option<bool>,
}

impl PersonFacts {
    /// Says "no" for everything that a town knows of its residents and that was not given.
    pub(crate) fn settle_resident(&mut self) {
        self.settle_notice();
        self.signing_certificate.get_or_insert(false);
        self.registered_seal.get_or_insert(false);
        self.disability.get_or_insert(Disability::None);
        self.pregnant.get_or_insert(false);
        self.child_rearing_allowance.get_or_insert(false);
        self.nursery.get_or_insert(false);
        self.civil_servant.get_or_insert(false);
    }

    /// Says "no" for everything that another town's notice tells (住民基本台帳法施行令24条の3: 国保・年金・児童手当・介護・後期).
    pub(crate) fn settle_notice(&mut self) {
        let national = *self.japanese_national.get_or_insert(true);
        if national {
            self.residence_status.get_or_insert(ResidenceStatus::None);
        }
        self.health_insurance
            .get_or_insert(HealthInsurance::Employees);
        self.pension_category.get_or_insert(PensionCategory::None);
        self.pension_received.get_or_insert(PensionReceived::None);
        self.my_number_card.get_or_insert(false);
        self.long_term_care.get_or_insert(LongTermCare::None);
        self.child_allowance.get_or_insert(ChildAllowance::None);
        self.school.get_or_insert(School::None);
        self.born_abroad.get_or_insert(false);
    }
}

/// What the town knows of a household as a whole.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HouseholdFacts {
    /// 畜犬登録
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dogs: Option<u32>,
    /// Every dog is in the national microchip register (狂犬病予防法の特例).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dogs_microchip_registered: Option<bool>,
    /// The keeper of the dogs has died.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dog_owner_died: Option<bool>,
    /// 原動機付自転車
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mopeds: Option<u32>,
    /// Land or house in the town.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owns_property: Option<bool>,
    /// ひとり親
    #[serde(skip_serializing_if = "Option::is_none")]
    pub single_parent: Option<bool>,
    /// Persons left after a death.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members_remaining: Option<u32>,
    /// Of those, 15 or over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members_remaining_15_or_over: Option<u32>,
    /// The new head has to be told (世帯主変更届).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head_changes: Option<bool>,
    /// The deceased received a pension.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deceased_received_pension: Option<bool>,
    /// The surviving spouse of someone in 厚生年金.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub surviving_spouse_of_employees_insured: Option<bool>,
}

impl HouseholdFacts {
    /// Says "none" for the registers that every town keeps of its own residents (畜犬・軽自動車・固定資産).
    pub(crate) fn settle_resident(&mut self) {
        let dogs = *self.dogs.get_or_insert(0);
        if dogs > 0 {
            self.dogs_microchip_registered.get_or_insert(false);
        }
        self.mopeds.get_or_insert(0);
        self.owns_property.get_or_insert(false);
        self.single_parent.get_or_insert(false);
    }
}

/// One person of the register. No Debug: even invented people keep out of logs, so that a real adapter can be built alike.
#[derive(Clone, PartialEq)]
pub struct Resident {
    /// 宛名番号: 9 digits and a check digit (modulus 11, weights 2 to 7; JK-1.1.13).
    pub number: String,
    /// 氏名, family and given name parted by U+3000 as on the card.
    pub name: String,
    /// フリガナ
    pub kana: String,
    /// 生年月日
    pub birth_date: Date,
    /// 性別
    pub sex: Sex,
    /// 続柄 to the head (closed vocabulary, JK-1.1.11).
    pub relationship: String,
    /// 本籍; none for foreign nationals.
    pub domicile: Option<String>,
    /// 筆頭者; none for foreign nationals.
    pub register_head: Option<String>,
    /// 国籍・地域 of a foreign national.
    pub nationality: Option<String>,
    /// 在留資格
    pub residence: Option<String>,
    /// 在留期間の満了日
    pub stay_until: Option<Date>,
    /// 住民となった年月日
    pub resident_since: Option<Date>,
    /// 死亡年月日, while the follow-up procedures are open.
    pub deceased_on: Option<Date>,
    /// 支援措置. Never leaves the core side.
    pub protected: bool,
    /// What the town knows.
    pub facts: PersonFacts,
}

/// One household of the register.
#[derive(Clone, PartialEq)]
pub struct Household {
    /// 世帯番号, formed like a 宛名番号.
    pub number: String,
    /// Name of a hand-written household.
    pub key: Option<String>,
    /// What it is here to show, or how it was drawn.
    pub shows: String,
    /// How it stands in the register.
    pub status: HouseholdStatus,
    /// 住所, one line as on the card (full-width digits).
    pub address: String,
    /// Its reading.
    pub address_kana: String,
    /// 郵便番号, 7 digits.
    pub postal_code: String,
    /// What the town knows.
    pub facts: HouseholdFacts,
    /// Its persons, the head first.
    pub persons: Vec<Resident>,
}

impl Household {
    /// The head (世帯主).
    #[must_use]
    pub fn head(&self) -> &Resident {
        &self.persons[0]
    }
}
