//! Texts of the problem codes: code as on the wire, Japanese, English.

use crate::problem_code::ProblemCode;

impl ProblemCode {
    /// The code as on the wire (`no_match`).
    #[must_use]
    pub fn as_str(self) -> &'static str {
        words(self).0
    }

    /// What happened and what to do, in Japanese; for residents' staff and municipalities.
    #[must_use]
    pub fn japanese(self) -> &'static str {
        words(self).1
    }

    /// The same in English.
    #[must_use]
    pub fn english(self) -> &'static str {
        words(self).2
    }
}

/// Code, Japanese, English. The code must equal serde's name (tests/wire.rs).
fn words(code: ProblemCode) -> (&'static str, &'static str, &'static str) {
    request_words(code)
        .or_else(|| login_words(code))
        .unwrap_or_else(|| service_words(code))
}

/// About the request itself.
fn request_words(code: ProblemCode) -> Option<(&'static str, &'static str, &'static str)> {
    Some(match code {
        ProblemCode::MalformedRequest => (
            "malformed_request",
            "送られた内容を読み取れませんでした。形式を確認してください。",
            "The request could not be read. Check its form.",
        ),
        ProblemCode::WrongContentType => (
            "wrong_content_type",
            "Content-Type は application/json にしてください。",
            "Content-Type must be application/json.",
        ),
        ProblemCode::TooLarge => (
            "too_large",
            "送られた内容が大きすぎます。何も保存していません。",
            "The request is too large. Nothing was stored.",
        ),
        ProblemCode::TooSlow => (
            "too_slow",
            "送信に時間がかかりすぎたため中断しました。何も保存していません。もう一度送ってください。",
            "The request took too long to arrive. Nothing was stored. Send it again.",
        ),
        ProblemCode::InvalidDocument => (
            "invalid_document",
            "内容に誤りがあります。示された箇所を直してください。",
            "A value is wrong. Correct it at the place that is named.",
        ),
        ProblemCode::NotFound => ("not_found", "見つかりません。", "Not found."),
        ProblemCode::MethodNotAllowed => (
            "method_not_allowed",
            "この操作は受け付けていません。",
            "This method is not available here.",
        ),
        ProblemCode::EnvelopeRefused => (
            "envelope_refused",
            "申請データを開けませんでした。端末の設定（封緘用の鍵）を確認してください。",
            "The application could not be opened. Check the kiosk's sealing key.",
        ),
        ProblemCode::ApplicationConflict => (
            "application_conflict",
            "同じ申請番号で内容の異なるものを受け付けています。先に届いたものを残しました。",
            "Another application came under the same id before. The first one was kept.",
        ),
        _ => return office_words(code),
    })
}

/// About people and machines that work with the service.
fn office_words(code: ProblemCode) -> Option<(&'static str, &'static str, &'static str)> {
    Some(match code {
        ProblemCode::SignInRequired => (
            "sign_in_required",
            "ログインしてください。",
            "Log in first.",
        ),
        ProblemCode::TokenRequired => (
            "token_required",
            "アクセストークンがないか、期限が切れています。取得し直してください。",
            "There is no access token, or it is over. Get a new one.",
        ),
        ProblemCode::NotAllowed => (
            "not_allowed",
            "この操作の権限がありません。管理者にご相談ください。",
            "You do not have the right for this. Ask your administrator.",
        ),
        ProblemCode::RecordAltered => (
            "record_altered",
            "この記録は、このサービス以外によって書き換えられています。内容は表示しません。サービス運用者にすぐ連絡してください。",
            "This record was changed in the database by somebody else than the service. Its contents are not shown. Call the operator at once.",
        ),
        ProblemCode::StateConflict => (
            "state_conflict",
            "ほかの操作で状態が変わったため、実行できませんでした。最新の内容を確認してください。",
            "The state has changed, so this was not done. Look at the present state.",
        ),
        ProblemCode::TakenByOther => (
            "taken_by_other",
            "ほかの担当者が作業中です。担当者に確認してください。",
            "Somebody else is working on this. Ask them.",
        ),
        _ => return None,
    })
}

/// About the card login and the resident's register.
fn login_words(code: ProblemCode) -> Option<(&'static str, &'static str, &'static str)> {
    Some(match code {
        ProblemCode::KioskUnknown => (
            "kiosk_unknown",
            "登録された端末ではありません。",
            "This is not an enrolled kiosk.",
        ),
        ProblemCode::NonceUnknown => (
            "nonce_unknown",
            "本人確認の手順が見つかりません。もう一度カードを置いてください。",
            "This login was not begun here. Place the card again.",
        ),
        ProblemCode::NonceExpired => (
            "nonce_expired",
            "時間が過ぎました。もう一度カードを置いてください。",
            "The time for this login has passed. Place the card again.",
        ),
        ProblemCode::NonceUsed => (
            "nonce_used",
            "この本人確認は一度使われています。もう一度カードを置いてください。",
            "This login was used before. Place the card again.",
        ),
        ProblemCode::LoginRefused => (
            "login_refused",
            "カードの確認ができませんでした。職員が窓口で確認します。",
            "The card could not be verified. Staff will check it at the counter.",
        ),
        ProblemCode::CardUnverified => (
            "card_unverified",
            "カードの券面を確認できないため、世帯の情報は表示しません。手続きは続けられます。",
            "The card's face could not be verified, so no household is shown; you can go on.",
        ),
        ProblemCode::CertificateExpired => (
            "certificate_expired",
            "カードの電子証明書の有効期限が切れています。窓口で更新できます。",
            "The card's certificate has expired. It can be renewed at the counter.",
        ),
        ProblemCode::CertificateRevoked => (
            "certificate_revoked",
            "カードの電子証明書が失効しています。窓口でご相談ください。",
            "The card's certificate was revoked. Please ask at the counter.",
        ),
        ProblemCode::NoMatch => (
            "no_match",
            "住民の記録と一致しませんでした。職員が窓口で確認します。手続きは続けられます。",
            "No record matched. Staff will check at the counter; you can go on.",
        ),
        ProblemCode::SeveralMatch => (
            "several_match",
            "一致する記録が複数ありました。職員が窓口で確認します。手続きは続けられます。",
            "Several records matched. Staff will check at the counter; you can go on.",
        ),
        _ => return None,
    })
}

/// About the service and what stands behind it.
fn service_words(code: ProblemCode) -> (&'static str, &'static str, &'static str) {
    match code {
        ProblemCode::CoreUnreachable => (
            "core_unreachable",
            "住民記録システムに接続できません。情報なしで手続きを続けられます。",
            "The resident record system cannot be reached. You can go on without it.",
        ),
        ProblemCode::CoreSlow => (
            "core_slow",
            "住民記録システムの応答に時間がかかっています。情報なしで手続きを続けられます。",
            "The resident record system is slow to answer. You can go on without it.",
        ),
        ProblemCode::CoreWrongAnswer => (
            "core_wrong_answer",
            "住民記録システムの応答を読み取れませんでした。情報なしで手続きを続けられます。",
            "The resident record system's answer could not be read. You can go on without it.",
        ),
        ProblemCode::EditionMissing => (
            "edition_missing",
            "公開された版がまだありません。",
            "No edition has been published yet.",
        ),
        ProblemCode::Busy => (
            "busy",
            "混み合っています。しばらくしてからもう一度お試しください。",
            "Busy. Try again in a moment.",
        ),
        ProblemCode::Internal => (
            "internal",
            "サービスに不具合が起きました。受け付け済みの申請は失われていません。",
            "The service has a fault. Nothing that was accepted is lost.",
        ),
        // `Unknown` is only ever read; the others are answered by the two functions above.
        _ => (
            "unknown",
            "不明な応答です。職員が窓口で確認します。",
            "An unknown answer. Staff will help at the counter.",
        ),
    }
}
