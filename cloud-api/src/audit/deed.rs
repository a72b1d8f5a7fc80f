//! What can be done, as the trail calls it.

/// A closed list: the trail's readers (auditor's page, export, analyses) know every word.
macro_rules! deeds {
    ($($(#[$doc:meta])* $name:ident, $word:literal, $japanese:literal;)+) => {
        /// What was done.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Deed {
            $($(#[$doc])* $name,)+
        }

        impl Deed {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// As in the trail.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }

            /// As the auditor reads it.
            #[must_use]
            pub fn japanese(self) -> &'static str {
                match self { $(Self::$name => $japanese,)+ }
            }

            /// From the trail's word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$name),)+ _ => None }
            }
        }
    };
}

deeds! {
    /// A person is logged in, second factor included.
    LoggedIn, "logged_in", "ログイン";
    /// Password, code or provider did not hold.
    LogInFailed, "log_in_failed", "ログイン失敗";
    /// Too many failures.
    LockedOut, "locked_out", "ロックアウト";
    /// A person has logged out.
    LoggedOut, "logged_out", "ログアウト";
    /// A password and second factor were set.
    Enrolled, "enrolled", "初回登録";
    /// A person was added.
    StaffAdded, "staff_added", "職員の追加";
    /// A person's roles or rights were changed, or they left.
    StaffChanged, "staff_changed", "職員の変更";
    /// A machine client was added.
    ClientAdded, "client_added", "外部サービスの追加";
    /// A machine client was revoked.
    ClientRevoked, "client_revoked", "外部サービスの失効";
    /// A machine client got a token.
    TokenGiven, "token_given", "アクセストークンの発行";
    /// Sites, counters, hours, closed days or fees were changed.
    MasterChanged, "master_changed", "マスタの変更";
    /// An application came from a kiosk.
    Received, "received", "申請の受付";
    /// A list of applications was shown.
    Listed, "listed", "一覧の表示";
    /// Applications were searched for.
    Searched, "searched", "検索";
    /// An application was opened.
    Opened, "opened", "申請の閲覧";
    /// A form was opened as PDF, to be printed.
    Printed, "printed", "書類の表示・印刷";
    /// A clerk took an application.
    Claimed, "claimed", "担当開始";
    /// A clerk put it back.
    Released, "released", "担当解除";
    /// Values were corrected.
    Corrected, "corrected", "補正";
    /// Its state was changed.
    StateChanged, "state_changed", "状態の変更";
    /// It was given to a core system, robot or client.
    HandedOff, "handed_off", "引き渡し";
    /// Whether somebody of an application is under protective measures was asked, or said by a clerk.
    Protected, "protected", "支援措置の照会・確認";
    /// A robot took a job.
    JobTaken, "job_taken", "RPAの着手";
    /// A robot finished a job.
    JobFinished, "job_finished", "RPAの完了";
    /// A webhook was delivered or given up.
    WebhookSent, "webhook_sent", "Webhookの送信";
    /// A clerk asked a resident on the clerk's own screen.
    Interviewed, "interviewed", "聞き取り";
    /// The core system's register was imported.
    Imported, "imported", "基幹データの取込";
    /// The trail was read.
    TrailRead, "trail_read", "監査証跡の閲覧";
    /// Something was refused for want of a right.
    Refused, "refused", "権限による拒否";
}
