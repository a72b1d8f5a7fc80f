//! Roles (役割), actions (操作) and the matrix between them.

use std::collections::BTreeSet;

/// A closed list of words with their Japanese.
macro_rules! words {
    ($(#[$outer:meta])* $kind:ident { $($(#[$doc:meta])* $name:ident, $word:literal, $japanese:literal;)+ }) => {
        $(#[$outer])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum $kind {
            $($(#[$doc])* $name,)+
        }

        impl $kind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// As stored.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }

            /// As the console shows it.
            #[must_use]
            pub fn japanese(self) -> &'static str {
                match self { $(Self::$name => $japanese,)+ }
            }

            /// From the stored word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$name),)+ _ => None }
            }
        }
    };
}

words! {
    /// What somebody is.
    Role {
        /// Works at a counter.
        Clerk, "clerk", "窓口担当";
        /// Answers for a counter's work.
        Supervisor, "supervisor", "窓口責任者";
        /// Keeps catalogue, forms and words.
        CatalogueEditor, "catalogue_editor", "手続きカタログ編集者";
        /// Reads the audit trail, changes nothing.
        Auditor, "auditor", "監査担当";
        /// Keeps the kiosks.
        FleetManager, "fleet_manager", "端末管理者";
        /// Keeps people, masters and machine clients of a town.
        TenantAdmin, "tenant_admin", "自治体管理者";
        /// Runs the service; sees no resident's data.
        PlatformOperator, "platform_operator", "サービス運用者";
    }
}

words! {
    /// What can be done.
    Action {
        /// See the inbox and search it.
        ListApplications, "list_applications", "申請の一覧・検索";
        /// Open an application, its values and papers.
        ReadApplication, "read_application", "申請の閲覧";
        /// Take an application and put it back.
        ClaimApplication, "claim_application", "申請の担当";
        /// Correct values before hand-off.
        CorrectApplication, "correct_application", "申請の補正";
        /// Change an application's state.
        ChangeState, "change_state", "申請の状態変更";
        /// Put back what somebody else took.
        ReleaseOthers, "release_others", "他の職員の担当の解除";
        /// Give an application to core system or robot.
        HandOff, "hand_off", "申請の引き渡し";
        /// Ask a resident on the clerk's own screen.
        Interview, "interview", "聞き取り";
        /// See the calls of kiosks and how they are.
        SeeKiosks, "see_kiosks", "端末の様子の閲覧";
        /// Change what kiosks do.
        ManageKiosks, "manage_kiosks", "端末の管理";
        /// Change catalogue, forms and words.
        EditCatalogue, "edit_catalogue", "手続きカタログの編集";
        /// Read the audit trail and its analyses.
        ReadTrail, "read_trail", "監査証跡の閲覧";
        /// Add and change people.
        ManageStaff, "manage_staff", "職員の管理";
        /// Change sites, counters, hours, closed days and fees.
        ManageMasters, "manage_masters", "マスタの管理";
        /// Add and revoke machine clients.
        ManageClients, "manage_clients", "外部サービスの管理";
        /// See the towns of the service.
        SeeTowns, "see_towns", "自治体の一覧";
    }
}

/// Which role has which action; ARCHITECTURE.md and the matrix test hold the same table.
const MATRIX: &[(Role, &[Action])] = {
    use Action as A;
    &[
        (
            Role::Clerk,
            &[
                A::ListApplications,
                A::ReadApplication,
                A::ClaimApplication,
                A::CorrectApplication,
                A::ChangeState,
                A::HandOff,
                A::Interview,
                A::SeeKiosks,
            ],
        ),
        (
            Role::Supervisor,
            &[
                A::ListApplications,
                A::ReadApplication,
                A::ClaimApplication,
                A::CorrectApplication,
                A::ChangeState,
                A::ReleaseOthers,
                A::HandOff,
                A::Interview,
                A::SeeKiosks,
            ],
        ),
        (Role::CatalogueEditor, &[A::EditCatalogue, A::Interview]),
        (Role::Auditor, &[A::ReadTrail]),
        (Role::FleetManager, &[A::SeeKiosks, A::ManageKiosks]),
        (
            Role::TenantAdmin,
            &[
                A::ManageStaff,
                A::ManageMasters,
                A::ManageClients,
                A::SeeKiosks,
            ],
        ),
        (Role::PlatformOperator, &[A::SeeTowns, A::ManageStaff]),
    ]
};

impl Role {
    /// What the role may do.
    #[must_use]
    pub fn actions(self) -> &'static [Action] {
        MATRIX
            .iter()
            .find(|(role, _)| *role == self)
            .map_or(&[], |(_, actions)| actions)
    }
}

/// What a person may do.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Rights {
    /// Roles.
    pub roles: BTreeSet<Role>,
    /// Actions beside the roles'.
    pub granted: BTreeSet<Action>,
    /// Actions that the roles give and this person does not have; stronger than both.
    pub withheld: BTreeSet<Action>,
}

impl Rights {
    /// Of roles alone.
    #[must_use]
    pub fn of(roles: impl IntoIterator<Item = Role>) -> Self {
        Self {
            roles: roles.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Whether this may be done.
    #[must_use]
    pub fn may(&self, action: Action) -> bool {
        let given = self.granted.contains(&action)
            || self
                .roles
                .iter()
                .any(|role| role.actions().contains(&action));
        given && !self.withheld.contains(&action)
    }
}
