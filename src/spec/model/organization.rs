//! Organizations: how clients form them, and what their members may do with the keys that they own.
//!
//! Forming them is no part of the API-key spec: status, code and members are those of the releases, so that their
//! clients accept the replies, and no check judges it.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::account::{User, error, is_email, text};
use super::caller::Caller;
use super::{Model, Outcome, ok, refuse};
use crate::spec::error::{ErrorCode, Surface};
use crate::spec::fault::Fault;
use crate::spec::key::iso_date;
use crate::spec::request::Reply;
use crate::spec::setup::ROLES;

/// How long an invitation waits, in milliseconds: two days.
const PATIENCE: i64 = 48 * 60 * 60 * 1000;

/// The role of who forms an organization.
pub(super) const OWNER: &str = "owner";

/// What may be done with a key of an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Create,
    Get,
    List,
    Update,
    Delete,
}

/// A route of the organizations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    Create,
    Invite,
    Accept,
    UpdateRole,
    RemoveMember,
}

/// All by id, in the order in which they came.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Organizations {
    all: IndexMap<String, Organization>,
    members: IndexMap<String, Member>,
    invitations: IndexMap<String, Invitation>,
    /// Who was a member: only faults look here.
    former: Vec<Member>,
    /// Ids of keys with the users who made them: only faults look here.
    #[serde(default)]
    pub(super) makers: Vec<(String, String)>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Organization {
    id: String,
    name: String,
    slug: String,
    logo: Option<String>,
    metadata: Value,
    created_at: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Member {
    id: String,
    organization: String,
    user: String,
    /// One role, or several with commas between.
    role: String,
    created_at: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Invitation {
    id: String,
    organization: String,
    email: String,
    role: String,
    status: String,
    inviter: String,
    created_at: i64,
    expires_at: i64,
}

impl Action {
    /// The permission that a role must have.
    fn permission(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Get | Self::List => "read",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }

    fn unchecked_membership(self) -> Fault {
        match self {
            Self::Create => Fault::OrganizationStrangerCreates,
            Self::Get => Fault::OrganizationStrangerReads,
            Self::List => Fault::OrganizationStrangerLists,
            Self::Update => Fault::OrganizationStrangerUpdates,
            Self::Delete => Fault::OrganizationStrangerDeletes,
        }
    }

    fn unchecked_role(self) -> Fault {
        match self {
            Self::Create => Fault::OrganizationRoleUncheckedOnCreate,
            Self::Get => Fault::OrganizationRoleUncheckedOnGet,
            Self::List => Fault::OrganizationRoleUncheckedOnList,
            Self::Update => Fault::OrganizationRoleUncheckedOnUpdate,
            Self::Delete => Fault::OrganizationRoleUncheckedOnDelete,
        }
    }
}

impl Organizations {
    fn member(&self, user: &str, organization: &str) -> Option<&Member> {
        self.members.values().find(|member| member.user == user && member.organization == organization)
    }

    fn owners(&self, organization: &str) -> impl Iterator<Item = &Member> {
        self.members.values().filter(move |member| member.organization == organization && has_role(member, OWNER))
    }
}

impl Member {
    fn to_json(&self) -> Value {
        json!({
            "organizationId": self.organization,
            "userId": self.user,
            "role": self.role,
            "createdAt": iso_date(self.created_at),
            "id": self.id,
        })
    }
}

impl Invitation {
    fn to_json(&self) -> Value {
        json!({
            "organizationId": self.organization,
            "email": self.email,
            "role": self.role,
            "status": self.status,
            "expiresAt": iso_date(self.expires_at),
            "createdAt": iso_date(self.created_at),
            "inviterId": self.inviter,
            "id": self.id,
        })
    }
}

impl Model {
    /// May this user do this with keys of the organization? "Organization owners have full access"; for every other role
    /// the permission must have been given.
    pub(super) fn check_member(&self, user: &str, organization: &str, action: Action) -> Outcome<()> {
        if self.setup.organizations.is_none() {
            return match self.has(Fault::OrganizationPluginOptional) {
                true => Ok(()),
                false => refuse(ErrorCode::OrganizationPluginRequired),
            };
        }
        let exchanged = self.has(Fault::OrganizationCodesExchanged);
        let Some(member) = self.membership(user, organization) else {
            return match self.has(action.unchecked_membership()) {
                true => Ok(()),
                false if exchanged => refuse(ErrorCode::InsufficientApiKeyPermissions),
                false if self.has(Fault::OrganizationStrangerNotFound) => refuse(ErrorCode::KeyNotFound),
                false => refuse(ErrorCode::UserNotMemberOfOrganization),
            };
        };
        if self.allows(&member.role, action) || self.has(action.unchecked_role()) {
            return Ok(());
        }
        refuse(match exchanged {
            true => ErrorCode::UserNotMemberOfOrganization,
            false => ErrorCode::InsufficientApiKeyPermissions,
        })
    }

    /// Is this user a member of the organization?
    pub(super) fn is_member(&self, user: &str, organization: &str) -> bool {
        self.organizations.member(user, organization).is_some()
    }

    /// The user who owns the organization: for faults.
    pub(super) fn owner_of(&self, organization: &str) -> Option<String> {
        self.organizations.owners(organization).next().map(|member| member.user.clone())
    }

    /// The roles of a member; none of who is no member.
    pub(super) fn roles_of(&self, user: &str, organization: &str) -> impl Iterator<Item = &str> {
        self.organizations.member(user, organization).into_iter().flat_map(|member| member.role.split(','))
    }

    fn membership(&self, user: &str, organization: &str) -> Option<&Member> {
        let found = self.organizations.member(user, organization);
        if found.is_none() && self.has(Fault::OrganizationAnyMembership) {
            return self.organizations.members.values().find(|member| member.user == user);
        }
        if found.is_none() && self.has(Fault::OrganizationFormerMember) {
            let former = self.organizations.former.iter();
            return former.rev().find(|member| member.user == user && member.organization == organization);
        }
        found
    }

    fn allows(&self, roles: &str, action: Action) -> bool {
        roles.split(',').any(|role| {
            if role == OWNER && !self.has(Fault::OrganizationOwnerNeedsPermission) {
                return true;
            }
            if role == "admin" && self.has(Fault::OrganizationAdminByDefault) {
                return true;
            }
            let further = self.setup.organizations.as_ref().filter(|_| !self.has(Fault::OrganizationRolesIgnored));
            let granted = further.and_then(|roles| roles.of(role)?.actions("apiKey")).unwrap_or_default();
            granted.iter().any(|granted| granted == action.permission() || self.has(Fault::OrganizationAnyAction))
        })
    }

    /// May a member of these roles manage the organization itself? Owners and admins may.
    fn manages(&self, roles: &str, resource: &str, action: &str) -> bool {
        roles.split(',').any(|role| {
            let further = self.setup.organizations.as_ref().and_then(|roles| roles.of(role)?.actions(resource));
            matches!(role, OWNER | "admin") || further.is_some_and(|granted| granted.iter().any(|held| held == action))
        })
    }

    /// `POST /organization/…`.
    pub(super) fn organization(&mut self, now: i64, caller: &Caller, route: Route, body: &Value) -> Reply {
        let needed: &[&str] = match route {
            Route::Create => &["name", "slug"],
            Route::Invite => &["email"],
            Route::Accept => &["invitationId"],
            Route::UpdateRole => &["memberId"],
            Route::RemoveMember => &["memberIdOrEmail"],
        };
        if let Some(missing) = needed.iter().find(|name| text(body, name).is_none_or(str::is_empty)) {
            return error(400, "VALIDATION_ERROR", &format!("[body.{missing}] Invalid input: expected string"));
        }
        let Some(user) = caller.user_id().and_then(|id| self.accounts.user(id)).cloned() else {
            return match route {
                Route::Create => Reply { status: 401, headers: Vec::new(), body: None },
                _ => self.refuse(&ErrorCode::Unauthorized.into(), Surface::Operation),
            };
        };
        if route == Route::Create {
            return self.create_organization(now, caller, &user, body);
        }
        if route == Route::Accept {
            return self.accept(now, caller, &user, text(body, "invitationId").unwrap_or_default());
        }
        let active =
            || caller.session_token().and_then(|token| self.accounts.session(token)?.active_organization.clone());
        let Some(organization) = text(body, "organizationId").map(str::to_owned).or_else(active) else {
            return match route {
                Route::Invite => error(400, "ORGANIZATION_NOT_FOUND", "Organization not found"),
                _ => error(400, "NO_ACTIVE_ORGANIZATION", "No active organization"),
            };
        };
        let Some(acting) = self.organizations.member(&user.id, &organization).cloned() else {
            return unknown_member();
        };
        match route {
            Route::Invite => self.invite(now, &acting, body),
            Route::UpdateRole => self.update_role(&acting, body),
            _ => self.remove_member(&acting, body),
        }
    }

    fn create_organization(&mut self, now: i64, caller: &Caller, user: &User, body: &Value) -> Reply {
        let given = |name| text(body, name).unwrap_or_default().to_owned();
        let slug = given("slug");
        if self.organizations.all.values().any(|other| other.slug == slug) {
            return error(400, "ORGANIZATION_ALREADY_EXISTS", "Organization already exists");
        }
        let organization = Organization {
            id: self.secrets.id(),
            name: given("name"),
            slug,
            logo: text(body, "logo").map(str::to_owned),
            metadata: body.get("metadata").cloned().unwrap_or_default(),
            created_at: now,
        };
        let id = organization.id.clone();
        let member = self.add_member(now, &id, &user.id, OWNER);
        let keeps = body.get("keepCurrentActiveOrganization").and_then(Value::as_bool) == Some(true);
        if !keeps {
            self.activate(caller, &id);
        }
        let mut shown = Map::new();
        shown.insert("name".to_owned(), json!(organization.name));
        shown.insert("slug".to_owned(), json!(organization.slug));
        if let Some(logo) = &organization.logo {
            shown.insert("logo".to_owned(), json!(logo));
        }
        shown.insert("createdAt".to_owned(), json!(iso_date(now)));
        if !organization.metadata.is_null() {
            shown.insert("metadata".to_owned(), organization.metadata.clone());
        }
        shown.insert("id".to_owned(), json!(id));
        shown.insert("members".to_owned(), json!([member.to_json()]));
        self.organizations.all.insert(id, organization);
        ok(Value::Object(shown))
    }

    fn invite(&mut self, now: i64, acting: &Member, body: &Value) -> Reply {
        let email = text(body, "email").unwrap_or_default().to_lowercase();
        if !is_email(&email) {
            return error(400, "INVALID_EMAIL", "Invalid email");
        }
        let Some(roles) = roles(body) else {
            return error(400, "VALIDATION_ERROR", "[body.role] Invalid input");
        };
        if !self.manages(&acting.role, "invitation", "create") {
            let message = "You are not allowed to invite users to this organization";
            return error(403, "YOU_ARE_NOT_ALLOWED_TO_INVITE_USERS_TO_THIS_ORGANIZATION", message);
        }
        if let Some(unknown) = unknown_roles(&roles) {
            let body = json!({ "message": format!("ROLE_NOT_FOUND: {unknown}") });
            return Reply { status: 400, headers: Vec::new(), body: Some(body) };
        }
        if roles.iter().any(|role| role == OWNER) && !has_role(acting, OWNER) {
            let message = "You are not allowed to invite a user with this role";
            return error(403, "YOU_ARE_NOT_ALLOWED_TO_INVITE_USER_WITH_THIS_ROLE", message);
        }
        let organization = &acting.organization;
        if self.accounts.by_email(&email).is_some_and(|user| self.is_member(&user.id, organization)) {
            let message = "User is already a member of this organization";
            return error(400, "USER_IS_ALREADY_A_MEMBER_OF_THIS_ORGANIZATION", message);
        }
        let mut others = self.organizations.invitations.values();
        if others.any(|other| other.email == email && other.organization == *organization && waits(other, now)) {
            let message = "User is already invited to this organization";
            return error(400, "USER_IS_ALREADY_INVITED_TO_THIS_ORGANIZATION", message);
        }
        let invitation = Invitation {
            id: self.secrets.id(),
            organization: organization.clone(),
            email,
            role: roles.join(","),
            status: "pending".to_owned(),
            inviter: acting.user.clone(),
            created_at: now,
            expires_at: now.saturating_add(PATIENCE),
        };
        let shown = invitation.to_json();
        self.organizations.invitations.insert(invitation.id.clone(), invitation);
        ok(shown)
    }

    fn accept(&mut self, now: i64, caller: &Caller, user: &User, id: &str) -> Reply {
        let Some(invitation) = self.organizations.invitations.get_mut(id).filter(|found| waits(found, now)) else {
            return error(400, "INVITATION_NOT_FOUND", "Invitation not found");
        };
        if invitation.email != user.email {
            let message = "You are not the recipient of the invitation";
            return error(403, "YOU_ARE_NOT_THE_RECIPIENT_OF_THE_INVITATION", message);
        }
        invitation.status = "accepted".to_owned();
        let invitation = invitation.clone();
        let member = self.add_member(now, &invitation.organization, &user.id, &invitation.role);
        self.activate(caller, &invitation.organization);
        ok(json!({ "invitation": invitation.to_json(), "member": member.to_json() }))
    }

    fn update_role(&mut self, acting: &Member, body: &Value) -> Reply {
        let Some(roles) = roles(body) else {
            return error(400, "VALIDATION_ERROR", "[body.role] Invalid input");
        };
        let Some(target) = self.organizations.members.get(text(body, "memberId").unwrap_or_default()) else {
            return unknown_member();
        };
        let not_allowed =
            || error(403, "YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER", "You are not allowed to update this member");
        let sets_owner = roles.iter().any(|role| role == OWNER);
        let owners_alone = (has_role(target, OWNER) || sets_owner) && !has_role(acting, OWNER);
        if target.organization != acting.organization || owners_alone {
            return not_allowed();
        }
        let last = self.organizations.owners(&acting.organization).count() <= 1;
        if target.id == acting.id && has_role(acting, OWNER) && last && !sets_owner {
            let message = "You cannot leave the organization without an owner";
            return error(400, "YOU_CANNOT_LEAVE_THE_ORGANIZATION_WITHOUT_AN_OWNER", message);
        }
        if !self.manages(&acting.role, "member", "update") {
            return not_allowed();
        }
        if let Some(unknown) = unknown_roles(&roles) {
            return error(400, "ROLE_NOT_FOUND", &format!("ROLE_NOT_FOUND: {unknown}"));
        }
        let id = target.id.clone();
        if self.has(Fault::OrganizationRoleOfOld) {
            return ok(Member { role: roles.join(","), ..target.clone() }.to_json());
        }
        let Some(target) = self.organizations.members.get_mut(&id) else { return unknown_member() };
        target.role = roles.join(",");
        ok(target.to_json())
    }

    fn remove_member(&mut self, acting: &Member, body: &Value) -> Reply {
        let named = text(body, "memberIdOrEmail").unwrap_or_default();
        let target = match named.contains('@') {
            true => {
                let user = self.accounts.by_email(named);
                user.and_then(|user| self.organizations.member(&user.id, &acting.organization))
            }
            false => self.organizations.members.get(named),
        };
        let Some(target) = target.cloned() else { return unknown_member() };
        let last = self.organizations.owners(&acting.organization).count() <= 1;
        if has_role(&target, OWNER) && (last || !has_role(acting, OWNER)) {
            let message = "You cannot leave the organization as the only owner";
            return error(400, "YOU_CANNOT_LEAVE_THE_ORGANIZATION_AS_THE_ONLY_OWNER", message);
        }
        if !self.manages(&acting.role, "member", "delete") {
            let message = "You are not allowed to delete this member";
            return error(401, "YOU_ARE_NOT_ALLOWED_TO_DELETE_THIS_MEMBER", message);
        }
        if target.organization != acting.organization {
            return unknown_member();
        }
        self.organizations.members.shift_remove(&target.id);
        let shown = target.to_json();
        if self.has(Fault::OrganizationKeysLeaveWithMaker) {
            self.remove_keys_made_by(&target.user);
        }
        self.organizations.former.push(target);
        ok(json!({ "member": shown }))
    }

    fn add_member(&mut self, now: i64, organization: &str, user: &str, role: &str) -> Member {
        let member = Member {
            id: self.secrets.id(),
            organization: organization.to_owned(),
            user: user.to_owned(),
            role: role.to_owned(),
            created_at: now,
        };
        self.organizations.members.insert(member.id.clone(), member.clone());
        member
    }

    fn activate(&mut self, caller: &Caller, organization: &str) {
        if let Some(session) = caller.session_token().and_then(|token| self.accounts.session_mut(token)) {
            session.active_organization = Some(organization.to_owned());
        }
    }
}

fn unknown_member() -> Reply {
    error(400, "MEMBER_NOT_FOUND", "Member not found")
}

fn has_role(member: &Member, role: &str) -> bool {
    member.role.split(',').any(|held| held == role)
}

fn waits(invitation: &Invitation, now: i64) -> bool {
    invitation.status == "pending" && invitation.expires_at >= now
}

/// The roles that a body names: a text with commas, or a list.
fn roles(body: &Value) -> Option<Vec<String>> {
    let named: Vec<&str> = match body.get("role")? {
        Value::String(one) => vec![one],
        Value::Array(many) => many.iter().map(Value::as_str).collect::<Option<_>>()?,
        _ => return None,
    };
    let roles = named.iter().flat_map(|names| names.split(',')).map(str::trim).filter(|role| !role.is_empty());
    Some(roles.map(str::to_owned).collect()).filter(|roles: &Vec<String>| !roles.is_empty())
}

fn unknown_roles(roles: &[String]) -> Option<String> {
    let unknown: Vec<&str> = roles.iter().map(String::as_str).filter(|role| !ROLES.contains(role)).collect();
    (!unknown.is_empty()).then(|| unknown.join(", "))
}
