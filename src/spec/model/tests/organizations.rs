//! Organizations: who forms them, and who does what with their keys.

use serde_json::json;

use super::*;
use crate::spec::setup::Setup;

const CONFIG: &str = r#"[
    { "configId": "default", "enableSessionForAPIKeys": true },
    { "configId": "org", "references": "organization", "defaultPrefix": "org_", "enableSessionForAPIKeys": true, "apiKeyHeaders": "x-org-key" }
]"#;

/// A deployment with organizations, and with people in them.
struct House {
    desk: Desk,
    organization: String,
    other: String,
    /// An owner, an admin, a member; the owner of another organization; a former admin.
    people: Vec<Actor>,
}

impl Desk {
    fn set_up(edition: &str, config: &str, setup: Value, faults: Faults) -> Self {
        let mut desk = Self::with(edition, serde_json::from_str(config).unwrap(), faults);
        desk.model.set_up(Setup::parse(desk.model.edition(), &setup).unwrap());
        desk
    }

    fn join(&mut self, owner: &Actor, organization: &str, name: &str, role: &str) -> (Actor, Reply) {
        let actor = self.actor(name);
        let email = self.get(&actor, "/get-session").body.unwrap()["user"]["email"].clone();
        let body = json!({ "organizationId": organization, "email": email, "role": role });
        let invitation = self.post(owner, "/organization/invite-member", body);
        let accepted =
            self.post(&actor, "/organization/accept-invitation", json!({ "invitationId": text(&invitation, "id") }));
        assert_eq!(accepted.status, 200, "{invitation:?} {accepted:?}");
        (actor, accepted)
    }
}

impl House {
    fn new(roles: Value, faults: Faults) -> Self {
        let setup = json!({ "organizations": { "roles": roles } });
        let mut desk = Desk::set_up("1.7", CONFIG, setup, faults);
        let owner = desk.actor("owner");
        let form = |desk: &mut Desk, actor: &Actor, slug: &str| {
            let formed = desk.post(actor, "/organization/create", json!({ "name": slug, "slug": slug }));
            assert_eq!(formed.status, 200, "{formed:?}");
            text(&formed, "id")
        };
        let organization = form(&mut desk, &owner, "acme");
        let (admin, _) = desk.join(&owner, &organization, "admin", "admin");
        let (member, _) = desk.join(&owner, &organization, "member", "member");
        let (former, joined) = desk.join(&owner, &organization, "former", "admin");
        let stranger = desk.actor("stranger");
        let other = form(&mut desk, &stranger, "other");
        let removal =
            json!({ "organizationId": organization, "memberIdOrEmail": joined.body.unwrap()["member"]["id"] });
        assert_eq!(desk.post(&owner, "/organization/remove-member", removal).status, 200);
        Self { desk, organization, other, people: vec![owner, admin, member, stranger, former] }
    }

    /// What one of the people does with keys of the organization: create, get, list, update, delete.
    fn deeds(&mut self, person: usize, id: &str) -> Vec<String> {
        let actor = self.people[person].clone();
        let create = json!({ "configId": "org", "organizationId": self.organization });
        let list = format!("/api-key/list?organizationId={}", self.organization);
        let desk = &mut self.desk;
        let made = desk.post(&actor, "/api-key/create", create);
        let replies = [
            desk.get(&actor, &format!("/api-key/get?configId=org&id={id}")),
            desk.get(&actor, &list),
            desk.post(&actor, "/api-key/update", json!({ "configId": "org", "keyId": id, "name": "n" })),
            desk.post(&actor, "/api-key/delete", json!({ "configId": "org", "keyId": id })),
        ];
        [made].iter().chain(&replies).map(said).collect()
    }
}

fn said(reply: &Reply) -> String {
    if reply.status == 200 { "ok".to_owned() } else { format!("{} {}", reply.status, code(reply)) }
}

/// All that can be seen of organizations, as text.
pub(super) fn story(faults: Faults) -> Vec<String> {
    let mut told = Vec::new();
    let roles =
        [json!({ "admin": { "apiKey": ["create", "read", "update"] }, "member": { "apiKey": ["read"] } }), json!({})];
    for roles in roles {
        let mut house = House::new(roles, faults);
        let (owner, stranger) = (house.people[0].clone(), house.people[3].clone());
        for person in [4, 3, 2, 1, 0] {
            let body = json!({ "configId": "org", "organizationId": house.organization, "userId": owner.user });
            let made = house.desk.call(Method::CreateApiKey, body);
            told.push(format!("{made:?}"));
            told.extend(house.deeds(person, &text(&made, "id")));
        }
        let (organization, other) = (house.organization.clone(), house.other.clone());
        let desk = &mut house.desk;
        let own = desk.post(&owner, "/api-key/create", json!({ "organizationId": organization }));
        let made = desk.post(&owner, "/api-key/create", json!({ "configId": "org", "organizationId": organization }));
        let elsewhere = desk.post(&stranger, "/api-key/create", json!({ "configId": "org", "organizationId": other }));
        told.extend([own, made.clone(), elsewhere].iter().map(|reply| format!("{reply:?}")));
        for query in [String::new(), format!("?organizationId={organization}"), "?configId=org".to_owned()] {
            told.push(format!("{:?}", desk.get(&owner, &format!("/api-key/list{query}"))));
        }
        let named = json!({ "configId": "org", "organizationId": organization, "userId": owner.user });
        for headers in [stranger.headers.clone(), headers(&[("x-none", "1")])] {
            let call = Request::Server {
                method: Method::CreateApiKey,
                body: Some(named.clone()),
                query: None,
                headers: Some(headers),
            };
            told.push(said(&desk.model.apply(desk.now, &call)));
        }
        let nobody = json!({ "configId": "org", "organizationId": organization });
        told.push(said(&desk.call(Method::CreateApiKey, nobody)));
        told.push(desk.verify(&text(&made, "key")));
        let key = headers(&[("x-org-key", &text(&made, "key"))]);
        told.push(said(&desk.http("GET", "/get-session", &key, None)));
    }
    told.extend(changes(faults));
    let mut without = Desk::set_up("1.7", CONFIG, json!({}), faults);
    let alice = without.actor("alice");
    for body in [json!({ "configId": "org" }), json!({ "configId": "org", "organizationId": "o" })] {
        told.push(said(&without.post(&alice, "/api-key/create", body)));
    }
    told.push(said(&without.get(&alice, "/api-key/list?organizationId=o")));
    told
}

/// What becomes of members, and of the keys that they made.
fn changes(faults: Faults) -> Vec<String> {
    let mut house = House::new(json!({ "admin": { "apiKey": ["create", "read", "update"] } }), faults);
    let (owner, admin) = (house.people[0].clone(), house.people[1].clone());
    let (organization, other) = (house.organization.clone(), house.other.clone());
    let desk = &mut house.desk;
    let (late, joined) = desk.join(&owner, &organization, "late", "admin");
    let member = joined.body.unwrap()["member"]["id"].clone();
    let create = json!({ "configId": "org", "organizationId": organization });
    let made = desk.post(&late, "/api-key/create", create.clone());
    let id = text(&made, "id");
    let of_org = format!("/api-key/get?configId=org&id={id}");
    let lower = json!({ "organizationId": organization, "memberId": member, "role": "member" });
    let mut trusted = create;
    trusted["remaining"] = json!(5);
    let moved = json!({ "configId": "org", "keyId": id, "name": "n", "organizationId": other });
    let removal = json!({ "organizationId": organization, "memberIdOrEmail": member });
    let mut told = vec![
        said(&desk.get(&admin, &format!("/api-key/get?id={id}"))),
        said(&desk.http("GET", &of_org, &[], None)),
        said(&desk.post(&owner, "/api-key/create", trusted)),
        said(&desk.post(&owner, "/organization/update-member-role", lower)),
        said(&desk.get(&late, &of_org)),
        said(&desk.post(&owner, "/organization/remove-member", removal)),
        said(&desk.get(&admin, &of_org)),
    ];
    told.push(format!("{:?}", desk.post(&admin, "/api-key/update", moved)));
    told
}

#[test]
fn each_role_does_what_it_may() {
    let roles = json!({ "admin": { "apiKey": ["create", "read", "update"] }, "member": { "apiKey": ["read"] } });
    let mut house = House::new(roles, Faults::NONE);
    let owner = house.people[0].user.clone();
    let body = json!({ "configId": "org", "organizationId": house.organization, "userId": owner });
    let made = house.desk.call(Method::CreateApiKey, body);
    let id = text(&made, "id");
    assert_eq!(text(&made, "referenceId"), house.organization);
    let (no_member, no_permission) = ("403 USER_NOT_MEMBER_OF_ORGANIZATION", "403 INSUFFICIENT_API_KEY_PERMISSIONS");
    assert_eq!(house.deeds(4, &id), [no_member; 5]);
    assert_eq!(house.deeds(3, &id), [no_member; 5]);
    assert_eq!(house.deeds(2, &id), [no_permission, "ok", "ok", no_permission, no_permission]);
    assert_eq!(house.deeds(1, &id), ["ok", "ok", "ok", "ok", no_permission]);
    assert_eq!(house.deeds(0, &id), ["ok"; 5]);
    let mut plain = House::new(json!({}), Faults::NONE);
    assert_eq!(plain.deeds(1, "none")[0], no_permission);
    assert_eq!(plain.deeds(0, "none")[1], "404 KEY_NOT_FOUND");
}

#[test]
fn a_key_of_an_organization_is_valid_and_nobodys_session() {
    let mut house = House::new(json!({}), Faults::NONE);
    let owner = house.people[0].clone();
    let desk = &mut house.desk;
    let made = desk.post(&owner, "/api-key/create", json!({ "configId": "org", "organizationId": house.organization }));
    let key = text(&made, "key");
    assert_eq!(desk.verify(&key), "valid");
    let refused = desk.http("GET", "/get-session", &headers(&[("x-org-key", &key)]), None);
    assert_eq!(said(&refused), "401 INVALID_REFERENCE_ID_FROM_API_KEY");
    assert_eq!(desk.get(&owner, "/api-key/list").body.unwrap()["total"], json!(0));
    let list = desk.get(&owner, &format!("/api-key/list?organizationId={}", house.organization));
    assert_eq!(list.body.unwrap()["total"], json!(1));
}

#[test]
fn what_is_missing_is_named_in_order() {
    let told = story(Faults::NONE);
    let last = &told[told.len() - 3..];
    assert_eq!(
        last,
        ["400 ORGANIZATION_ID_REQUIRED", "500 ORGANIZATION_PLUGIN_REQUIRED", "500 ORGANIZATION_PLUGIN_REQUIRED"]
    );
    let mut house = House::new(json!({}), Faults::NONE);
    let body = json!({ "configId": "org", "organizationId": house.organization });
    assert_eq!(said(&house.desk.call(Method::CreateApiKey, body.clone())), "401 UNAUTHORIZED_SESSION");
    assert_eq!(said(&house.desk.http("POST", "/api-key/create", &[], Some(&body))), "401 UNAUTHORIZED_SESSION");
}

#[test]
fn organizations_are_managed_by_those_who_may() {
    let mut house = House::new(json!({}), Faults::NONE);
    let (owner, admin, member) = (house.people[0].clone(), house.people[1].clone(), house.people[2].clone());
    let organization = house.organization.clone();
    let desk = &mut house.desk;
    let formed = desk.post(&member, "/organization/create", json!({ "name": "x", "slug": "acme" }));
    assert_eq!(code(&formed), "ORGANIZATION_ALREADY_EXISTS");
    assert_eq!(desk.http("POST", "/organization/create", &[], Some(&json!({ "name": "x", "slug": "y" }))).status, 401);
    let invite = |desk: &mut Desk, actor: &Actor, role: &str| {
        let body = json!({ "organizationId": organization, "email": "New@keyspec.test", "role": role });
        said(&desk.post(actor, "/organization/invite-member", body))
    };
    assert!(invite(desk, &member, "member").starts_with("403 YOU_ARE_NOT_ALLOWED_TO_INVITE_USERS"));
    assert!(invite(desk, &admin, "owner").starts_with("403 YOU_ARE_NOT_ALLOWED_TO_INVITE_USER_WITH"));
    assert_eq!(invite(desk, &owner, "king"), "400 ");
    assert_eq!(invite(desk, &admin, "member"), "ok");
    assert_eq!(invite(desk, &owner, "member"), "400 USER_IS_ALREADY_INVITED_TO_THIS_ORGANIZATION");
    let (hanna, joined) = desk.join(&owner, &organization, "hanna", "member");
    let role = |desk: &mut Desk, actor: &Actor, role: Value| {
        let body = json!({ "organizationId": organization, "memberId": joined.body.as_ref().unwrap()["member"]["id"], "role": role });
        desk.post(actor, "/organization/update-member-role", body)
    };
    assert_eq!(said(&role(desk, &hanna, json!("owner"))), "403 YOU_ARE_NOT_ALLOWED_TO_UPDATE_THIS_MEMBER");
    assert_eq!(text(&role(desk, &owner, json!(["admin", "member"])), "role"), "admin,member");
    assert_eq!(text(&role(desk, &owner, json!("owner")), "role"), "owner");
    let shown = desk.get(&hanna, "/get-session").body.unwrap();
    assert_eq!(shown["session"]["activeOrganizationId"], json!(organization));
    let mut plain = Desk::new("1.7", json!({}));
    let nobody = plain.actor("nobody");
    assert_eq!(plain.post(&nobody, "/organization/create", json!({ "name": "x", "slug": "y" })).status, 404);
}
