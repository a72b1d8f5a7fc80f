//! Facts in words: why a line is in the plan.

use guidance::FactValue;

use crate::text::Text;

/// A fact as a sentence, 「山田 花子さん: 健康保険は国民健康保険」. `None` for facts that would not explain anything to
/// the person concerned: "no" to what nobody asked, or a value that no word describes.
pub(crate) fn words(event: &str, fact: &str, value: &FactValue, who: Option<Text>) -> Option<Text> {
    let what = match value {
        // In a birth, whoever was pregnant is the mother.
        FactValue::Flag(true) if (event, fact) == ("birth", "pregnant") => {
            Text::key("because.gave_birth")
        }
        FactValue::Flag(false) => Text::key(denied(fact)?),
        FactValue::Flag(true) => Text::key(flag(fact)?),
        FactValue::Count(count) => Text::Key(
            count_key(fact)?,
            vec![("n", Text::Plain(count.to_string()))],
        ),
        FactValue::Date(date) => Text::Key(date_key(fact)?, vec![("date", Text::Date(*date))]),
        FactValue::Choice(word) => choice(fact, word)?,
    };
    Some(match who {
        Some(who) => Text::Key("because.person", vec![("person", who), ("fact", what)]),
        None => what,
    })
}

fn flag(fact: &str) -> Option<&'static str> {
    Some(match fact {
        "moves" => "because.moves",
        "head_of_household" => "because.head",
        "japanese_national" => "because.japanese",
        "my_number_card" => "because.card",
        "signing_certificate" => "because.signing",
        "registered_seal" => "because.seal",
        "civil_servant" => "because.civil_servant",
        "nursery" => "because.nursery",
        "pregnant" => "because.pregnant",
        "name_changes" => "because.renamed",
        "child_rearing_allowance" => "because.rearing",
        "born_abroad" => "because.born_abroad",
        "custodial" => "because.custodial",
        "late_elderly_age" => "because.late_elderly",
        "in_allowance_age" => "because.allowance_age",
        "within_22_fiscal_year" => "because.within_22",
        "in_medical_subsidy_age" => "because.subsidy_age",
        "abroad" => "because.abroad",
        "keeps_married_name" => "because.keeps_name",
        "minor_children" => "because.minors",
        "tokutei" => "because.tokutei",
        "facility" => "because.facility",
        "card_lapsed" => "because.card_lapsed",
        "dogs_microchip_registered" => "because.microchip",
        "dog_owner_died" => "because.dog_owner",
        "owns_property" => "because.property",
        "head_changes" => "because.head_changes",
        "single_parent" => "because.single_parent",
        "deceased_received_pension" => "because.deceased_pension",
        "surviving_spouse_of_employees_insured" => "because.widowed",
        "parent_returns_to_family_register" => "because.reverts",
        "mixed_proof" => "because.mixed",
        _ => return None,
    })
}

fn denied(fact: &str) -> Option<&'static str> {
    Some(match fact {
        "japanese_national" => "because.not_japanese",
        "keeps_married_name" => "because.not_keeps_name",
        _ => return None,
    })
}

fn count_key(fact: &str) -> Option<&'static str> {
    Some(match fact {
        "age" => "because.age",
        "dogs" => "because.dogs",
        "mopeds" => "because.mopeds",
        "members_remaining" => "because.remaining",
        "members_remaining_15_or_over" => "because.remaining_15",
        "children_in_allowance_age" => "because.children",
        "birth_weight_g" => "because.weight",
        _ => return None,
    })
}

fn date_key(fact: &str) -> Option<&'static str> {
    Some(match fact {
        "birth_date" => "because.born",
        "date" => "because.date",
        _ => return None,
    })
}

fn choice(fact: &str, word: &str) -> Option<Text> {
    let about = |key: &'static str, value: &'static str| {
        Some(Text::Key(key, vec![("value", Text::key(value))]))
    };
    match fact {
        "health_insurance" => about("because.now.insurance", insurance(word)?),
        "health_insurance_after" => about("because.after.insurance", insurance(word)?),
        "pension_category" => about("because.now.pension", pension(word)?),
        "pension_category_after" => about("because.after.pension", pension(word)?),
        _ => other_choice(fact, word).map(Text::key),
    }
}

fn insurance(word: &str) -> Option<&'static str> {
    Some(match word {
        "national" => "because.insurance.national",
        "employees" => "because.insurance.employees",
        "employees_dependent" => "because.insurance.dependent",
        "late_elderly" => "because.insurance.late_elderly",
        "public_assistance" => "because.insurance.assistance",
        "not_yet" => "because.insurance.not_yet",
        _ => return None,
    })
}

fn pension(word: &str) -> Option<&'static str> {
    Some(match word {
        "none" => "because.pension.none",
        "first" => "because.pension.first",
        "second" => "because.pension.second",
        "third" => "because.pension.third",
        _ => return None,
    })
}

fn other_choice(fact: &str, word: &str) -> Option<&'static str> {
    Some(match (fact, word) {
        ("role", "newborn") => "because.role.newborn",
        ("role", "deceased") => "because.role.deceased",
        ("role", "spouse") => "because.role.spouse",
        ("role", "child") => "because.role.child",
        ("residence_status", "mid_long_term") => "because.status.mid_long",
        ("residence_status", "special_permanent") => "because.status.special",
        ("pension_received", "basic") => "because.received.basic",
        ("pension_received", "employees") => "because.received.employees",
        ("long_term_care", "support") => "because.care.support",
        ("long_term_care", "care") => "because.care.care",
        ("long_term_care", "none") => "because.care.none",
        ("disability", "physical") => "because.disability.physical",
        ("disability", "mental") => "because.disability.mental",
        ("disability", "intellectual") => "because.disability.intellectual",
        ("child_allowance", "recipient") => "because.allowance.recipient",
        ("child_allowance", "claimant") => "because.allowance.claimant",
        ("school", "elementary") => "because.school.elementary",
        ("school", "junior_high") => "because.school.junior",
        ("divorce_type", "agreement") => "because.divorce.agreement",
        ("divorce_type", "court") => "because.divorce.court",
        ("reason", "lost") => "because.reason.lost",
        ("reason", "expired") => "because.reason.expired",
        ("reason", "locked") => "because.reason.locked",
        ("reason", "cert_expiring") => "because.reason.expiring",
        ("what", "new") => "because.what.new",
        ("what", "died") => "because.what.died",
        ("what", "juminhyo") => "because.what.juminhyo",
        ("what", "koseki") => "because.what.koseki",
        _ => return None,
    })
}
