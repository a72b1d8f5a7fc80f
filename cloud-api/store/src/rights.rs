//! Roles (役割), permissions (操作権限) and the matrix between them.

use std::collections::BTreeSet;

use crate::closed_list::closed_list;

closed_list! {
    /// What somebody is.
    Role {
        /// Works at a counter.
        Clerk, "clerk";
        /// Answers for a counter's work.
        Supervisor, "supervisor";
        /// Keeps catalogue, forms and words.
        CatalogueEditor, "catalogue_editor";
        /// Reads the audit trail, changes nothing.
        Auditor, "auditor";
        /// Keeps the kiosks.
        FleetManager, "fleet_manager";
        /// Keeps people, masters and machine clients of a town.
        TenantAdmin, "tenant_admin";
        /// Runs the service; sees no resident's data.
        PlatformOperator, "platform_operator";
    }
}

closed_list! {
    /// What can be done.
    Permission {
        /// See the inbox and search it.
        ListApplications, "list_applications";
        /// Open an application, its values and papers.
        ReadApplication, "read_application";
        /// Take an application and put it back.
        ClaimApplication, "claim_application";
        /// Correct values before hand-off.
        CorrectApplication, "correct_application";
        /// Change an application's state.
        ChangeState, "change_state";
        /// Put back what somebody else took.
        ReleaseOthers, "release_others";
        /// Give an application to core system or robot.
        HandOff, "hand_off";
        /// Ask a resident on the clerk's own screen.
        Interview, "interview";
        /// See the calls of kiosks and how they are.
        SeeKiosks, "see_kiosks";
        /// Change what kiosks do.
        ManageKiosks, "manage_kiosks";
        /// Change catalogue, forms and words.
        EditCatalogue, "edit_catalogue";
        /// Read the audit trail and its analyses.
        ReadTrail, "read_trail";
        /// Add and change people.
        ManageStaff, "manage_staff";
        /// Change sites, counters, hours, closed days and fees.
        ManageMasters, "manage_masters";
        /// Add and revoke machine clients.
        ManageClients, "manage_clients";
        /// See the towns of the service.
        SeeTowns, "see_towns";
    }
}

/// Which role has which permission; ARCHITECTURE.md and the matrix test hold the same table.
const MATRIX: &[(Role, &[Permission])] = {
    use Permission as P;
    &[
        (
            Role::Clerk,
            &[
                P::ListApplications,
                P::ReadApplication,
                P::ClaimApplication,
                P::CorrectApplication,
                P::ChangeState,
                P::HandOff,
                P::Interview,
                P::SeeKiosks,
            ],
        ),
        (
            Role::Supervisor,
            &[
                P::ListApplications,
                P::ReadApplication,
                P::ClaimApplication,
                P::CorrectApplication,
                P::ChangeState,
                P::ReleaseOthers,
                P::HandOff,
                P::Interview,
                P::SeeKiosks,
            ],
        ),
        (Role::CatalogueEditor, &[P::EditCatalogue, P::Interview]),
        (Role::Auditor, &[P::ReadTrail]),
        (Role::FleetManager, &[P::SeeKiosks, P::ManageKiosks]),
        (
            Role::TenantAdmin,
            &[
                P::ManageStaff,
                P::ManageMasters,
                P::ManageClients,
                P::SeeKiosks,
            ],
        ),
        (Role::PlatformOperator, &[P::SeeTowns, P::ManageStaff]),
    ]
};

impl Role {
    /// What the role may do.
    #[must_use]
    pub fn permissions(self) -> &'static [Permission] {
        MATRIX
            .iter()
            .find(|(role, _)| *role == self)
            .map_or(&[], |(_, permissions)| permissions)
    }
}

/// What a person may do.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Rights {
    /// Roles.
    pub roles: BTreeSet<Role>,
    /// Permissions beside the roles'.
    pub granted: BTreeSet<Permission>,
    /// Permissions that the roles give and this person does not have; stronger than both.
    pub withheld: BTreeSet<Permission>,
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
    pub fn may(&self, permission: Permission) -> bool {
        let given = self.granted.contains(&permission)
            || self
                .roles
                .iter()
                .any(|role| role.permissions().contains(&permission));
        given && !self.withheld.contains(&permission)
    }

    /// Whether they allow something that the others do not.
    #[must_use]
    pub fn widen(&self, others: &Self) -> bool {
        let more = |permission: &&Permission| self.may(**permission) && !others.may(**permission);
        Permission::ALL.iter().any(|permission| more(&permission))
    }

    /// Rights that allow nothing but what both allow.
    #[must_use]
    pub fn narrowed_to(&self, others: &Self) -> Self {
        Self {
            roles: &self.roles & &others.roles,
            granted: &self.granted & &others.granted,
            withheld: &self.withheld | &others.withheld,
        }
    }
}
