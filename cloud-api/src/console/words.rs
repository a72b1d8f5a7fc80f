//! What the console calls things: in Japanese where a page says it, in the reader's language where it is put together here.

use application::{FormSet, Source, StaffNoteKind};
use cloud_store::CallReason;
use guidance::{Catalogue, datetime_in_japan};
use jiff::Timestamp;
use kiosk_api::{Part, PartState, StaffCallReason};

use crate::editions::Published;
use crate::language::Language;

/// A life event as the catalogue calls it.
pub(super) fn event(language: Language, catalogue: Option<&Catalogue>, kind: &str) -> String {
    catalogue
        .and_then(|catalogue| {
            let mut events = catalogue.life_events().iter();
            events.find(|event| event.id == kind)
        })
        .map_or(kind, |event| language.of_words(&event.title))
        .to_owned()
}

/// A form's title.
pub(super) fn form(language: Language, forms: Option<&Published<FormSet>>, id: &str) -> String {
    forms
        .and_then(|published| published.value.form(id))
        .map_or(id, |form| language.of_words(&form.title))
        .to_owned()
}

/// A value's label: the field's, without the place for a person's name.
pub(super) fn field(language: Language, forms: Option<&Published<FormSet>>, key: &str) -> String {
    let label = forms
        .and_then(|published| published.value.field(key))
        .map(|field| language.of_words(&field.label));
    label.map_or_else(
        || key.to_owned(),
        |label| {
            label
                .replace("{person}さんの", "")
                .replace("{person}の", "")
                .replace(" of {person}", "")
                .replace("with {person}", "with them")
                .replace("{person}", "")
        },
    )
}

/// A source's tag.
pub(super) fn source(source: Source) -> (&'static str, &'static str) {
    match source {
        Source::Card => ("card", "カード"),
        Source::Core => ("core", "住基"),
        Source::Resident => ("said", "申告"),
        Source::Fixed => ("fixed", "職員"),
    }
}

/// How far the card was checked.
pub(super) fn card(card: &str) -> &'static str {
    match card {
        "verified" => "確認済み",
        "unverified" => "未確認",
        _ => "カードなし",
    }
}

/// The screen's language.
pub(super) fn screen_language(tag: &str) -> &str {
    match tag {
        "ja" => "日本語",
        "ja-simple" => "やさしい日本語",
        "en" => "英語",
        other => other,
    }
}

/// A day as a clerk reads it: `2026年5月11日`, `11 May 2026`.
pub(super) fn day(language: Language, text: &str) -> String {
    let format = match language {
        Language::Japanese => "%Y年%-m月%-d日",
        Language::English => "%-d %B %Y",
    };
    dated(text, format)
}

/// A day of these months: `5月11日`, `11 May`.
pub(super) fn short_day(language: Language, text: &str) -> String {
    let format = match language {
        Language::Japanese => "%-m月%-d日",
        Language::English => "%-d %b",
    };
    dated(text, format)
}

fn dated(text: &str, format: &str) -> String {
    text.parse::<jiff::civil::Date>()
        .map_or_else(|_| text.to_owned(), |day| day.strftime(format).to_string())
}

/// Somebody whose name is not known, by their letter in the facts; `A` is who applies.
pub(super) fn person(language: Language, id: &str) -> String {
    match id {
        "A" => language.say("本人##文中").to_owned(),
        _ => language.fill("{}さん", &[&id]),
    }
}

/// A note for staff.
pub(super) fn note(kind: StaffNoteKind) -> &'static str {
    match kind {
        StaffNoteKind::LongText => "枠に収まらないため、別紙（続き）に記載しています",
        StaffNoteKind::SubstitutedGlyph => {
            "カードか住民記録に、キオスクで扱えない文字（外字）があります。元の記録をご確認ください"
        }
        StaffNoteKind::NoMatch => "住民記録と一致しませんでした。本人確認をお願いします",
        StaffNoteKind::CardUnverified => "カードの確認が終わっていません（未確認）",
        StaffNoteKind::UnknownDate => "日付に不詳の部分があります",
        StaffNoteKind::Changed => "カードまたは住民記録の内容を本人が直しました",
        StaffNoteKind::LeftOpen => "窓口で記入していただく欄です",
        StaffNoteKind::NotDrawn => {
            "キオスクで表示できなかった書類があります。印刷の内容をご確認ください"
        }
    }
}

/// Why staff are called.
pub(super) fn call(reason: CallReason) -> &'static str {
    match reason {
        CallReason::Kiosk(StaffCallReason::Asked) => "利用者が職員を呼んでいます",
        CallReason::Kiosk(StaffCallReason::Printer) => "プリンターの確認が必要です",
        CallReason::Kiosk(StaffCallReason::Storage) => {
            "キオスクに申請を保存できません（ディスクの確認が必要です）"
        }
        CallReason::Kiosk(StaffCallReason::Card) => "カードで困っている方がいます",
        CallReason::Kiosk(StaffCallReason::NoMatch) => "住民記録と一致しない方がいます",
        CallReason::Kiosk(StaffCallReason::Housing) => {
            "キオスクの筐体が開けられました。受付を止めています。現地で確認してください"
        }
        CallReason::Protected => "住民記録に確認が必要な世帯です（画面には表示していません）",
    }
}

/// A part of a kiosk.
pub(super) fn part(part: Part) -> &'static str {
    match part {
        Part::CardReader => "カードリーダー",
        Part::FormPrinter => "A4プリンター",
        Part::ReceiptPrinter => "レシートプリンター",
        Part::Indicator => "表示灯",
        Part::StatusDisplay => "状態表示器",
        Part::Presence => "人感センサー",
        Part::Tamper => "筐体スイッチ",
        Part::Outbox => "送信待ち保存",
    }
}

/// A part's state, for those that are not ready.
pub(super) fn part_state(state: PartState) -> Option<&'static str> {
    match state {
        PartState::Ready => None,
        PartState::Attention => Some("まもなく補充"),
        PartState::Stopped => Some("停止"),
        PartState::Missing => Some("応答なし"),
    }
}

/// Day and time in Japan: `4月27日 13:05`, `27 Apr 13:05`.
pub(super) fn time(language: Language, at: Timestamp) -> String {
    let format = match language {
        Language::Japanese => "%-m月%-d日 %H:%M",
        Language::English => "%-d %b %H:%M",
    };
    datetime_in_japan(at).strftime(format).to_string()
}

/// A day far ahead, in Japan: `2027年4月27日`, `27 April 2027`.
pub(super) fn whole_day(language: Language, at: Timestamp) -> String {
    day(language, &datetime_in_japan(at).date().to_string())
}

/// What is wrong with a typed value, by the word of the forms.
pub(super) fn problem(key: &str) -> &'static str {
    match key {
        "problem.empty" => "空欄にはできません。",
        "problem.too_long" => "長すぎます。",
        "problem.not_kana" => "カタカナで入力してください。",
        "problem.not_digits" | "problem.digit_count" => "数字の桁数が合いません。",
        "problem.phone" => "電話番号として正しくありません。",
        "problem.postal_code" => "郵便番号は7桁の数字で入力してください。",
        "problem.not_offered" => "この欄で選べる言葉ではありません。",
        "problem.relationship_long" => "続柄は「の」でつないで4つまでです。",
        "problem.date_impossible"
        | "problem.date_outside_era"
        | "problem.date_shape"
        | "problem.date_unknown"
        | "problem.era_unknown" => {
            "日付として正しくありません。「令和8年5月11日」のように入力してください。"
        }
        "problem.private_use" => {
            "外字（私用領域の文字）は使えません。標準の文字に置き換えてください。"
        }
        _ => "この欄には使えない文字や値です。",
    }
}
