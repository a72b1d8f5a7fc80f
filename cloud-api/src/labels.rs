//! How clerks read the closed lists that the store keeps as words.

use application::CardCheck;
use cloud_store::audit::AuditEvent;
use cloud_store::{ApplicationStatus, Permission, Protection, Role, Scope};

/// A value of a closed list, as the console shows it; the Japanese is also the key to the console's English.
pub trait Label {
    /// In Japanese.
    fn japanese(self) -> &'static str;
}

impl Label for ApplicationStatus {
    fn japanese(self) -> &'static str {
        match self {
            Self::Received => "受付",
            Self::Confirmed => "確認",
            Self::Done => "処理済",
            Self::Returned => "差戻し",
        }
    }
}

impl Label for CardCheck {
    fn japanese(self) -> &'static str {
        match self {
            Self::None => "カードなし",
            Self::Unverified => "未確認",
            Self::Verified => "確認済み",
        }
    }
}

impl Label for Protection {
    fn japanese(self) -> &'static str {
        match self {
            Self::Unasked => "照会なし",
            Self::Waiting => "照会待ち",
            Self::Clear => "該当なし",
            Self::Found => "要注意",
            Self::Seen => "要注意（確認済み）",
        }
    }
}

impl Label for Role {
    fn japanese(self) -> &'static str {
        match self {
            Self::Clerk => "窓口担当",
            Self::Supervisor => "窓口責任者",
            Self::CatalogueEditor => "手続きカタログ編集者",
            Self::Auditor => "監査担当",
            Self::FleetManager => "端末管理者",
            Self::TenantAdmin => "自治体管理者",
            Self::PlatformOperator => "サービス運用者",
        }
    }
}

impl Label for Permission {
    fn japanese(self) -> &'static str {
        match self {
            Self::ListApplications => "申請の一覧・検索",
            Self::ReadApplication => "申請の閲覧",
            Self::ClaimApplication => "申請の担当",
            Self::CorrectApplication => "申請の補正",
            Self::ChangeState => "申請の状態変更",
            Self::ReleaseOthers => "他の職員の担当の解除",
            Self::HandOff => "申請の引き渡し",
            Self::Interview => "聞き取り",
            Self::SeeKiosks => "端末の様子の閲覧",
            Self::ManageKiosks => "端末の管理",
            Self::EditCatalogue => "手続きカタログの編集",
            Self::ReadTrail => "監査証跡の閲覧",
            Self::ManageStaff => "職員の管理",
            Self::ManageMasters => "マスタの管理",
            Self::ManageClients => "外部サービスの管理",
            Self::SeeTowns => "自治体の一覧",
        }
    }
}

impl Label for Scope {
    fn japanese(self) -> &'static str {
        match self {
            Self::Guidance => "手続き案内の計算",
            Self::ApplicationsRead => "申請の取得",
            Self::ApplicationsWrite => "申請の状態変更",
            Self::Jobs => "RPAの作業",
            Self::Catalogue => "手続きカタログの取得",
            Self::Events => "申請の動きの取得（氏名なし）",
        }
    }
}

impl Label for AuditEvent {
    fn japanese(self) -> &'static str {
        match self {
            Self::LoggedIn => "ログイン",
            Self::LogInFailed => "ログイン失敗",
            Self::LockedOut => "ロックアウト",
            Self::LoggedOut => "ログアウト",
            Self::Enrolled => "初回登録",
            Self::PasswordChanged => "パスワードの変更",
            Self::ProvenAgain => "本人確認（再）",
            Self::SessionEnded => "ほかのログインの終了",
            Self::StaffAdded => "職員の追加",
            Self::StaffChanged => "職員の変更",
            Self::StaffConfirmed => "職員の確認",
            Self::RightsAsked => "権限の依頼",
            Self::RightsGranted => "権限の承認",
            Self::RightsDeclined => "権限の依頼の取下げ・却下",
            Self::ClientAdded => "外部サービスの追加",
            Self::SecretAsked => "秘密の値の更新の依頼",
            Self::SecretFetched => "秘密の値の受け取り##記録",
            Self::SecretConfirmed => "外部サービスの確認",
            Self::ClientRevoked => "外部サービスの失効",
            Self::TokenGiven => "アクセストークンの発行",
            Self::MasterChanged => "マスタの変更",
            Self::Received => "申請の受付",
            Self::Listed => "一覧の表示",
            Self::Searched => "検索",
            Self::Opened => "申請の閲覧",
            Self::Viewed => "書類の画像の表示",
            Self::HouseholdReleased => "世帯情報の端末への提供",
            Self::Exported => "基幹データの書き出し",
            Self::Printed => "書類の表示・印刷",
            Self::Claimed => "担当開始",
            Self::Released => "担当解除",
            Self::Corrected => "補正",
            Self::StateChanged => "状態の変更",
            Self::HandedOff => "引き渡し",
            Self::Protected => "支援措置の照会・確認",
            Self::JobTaken => "RPAの着手",
            Self::JobFinished => "RPAの完了",
            Self::WebhookSent => "Webhookの送信",
            Self::Interviewed => "聞き取り",
            Self::Imported => "基幹データの取込",
            Self::TrailRead => "監査証跡の閲覧",
            Self::Authenticated => "過去の記録への認証の付与",
            Self::AlterationFound => "書き換えの検出",
            Self::Refused => "権限による拒否",
        }
    }
}

/// Why an application goes back: the stored word, and what clerks read. Closed, so that nothing about a resident is in a plain
/// column.
pub const RETURN_REASONS: [(&str, &str); 5] = [
    ("papers_missing", "必要な書類が足りない"),
    ("entries_wrong", "記入に誤りがある"),
    ("identity_unclear", "本人確認ができない"),
    ("withdrawn", "本人が取り下げた"),
    ("other", "その他（窓口で説明）"),
];

/// The reason as clerks read it; `None` for a word that is no reason.
#[must_use]
pub fn reason_text(word: &str) -> Option<&'static str> {
    RETURN_REASONS
        .iter()
        .find(|(own, _)| *own == word)
        .map(|(_, text)| *text)
}
