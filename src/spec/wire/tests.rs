use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::spec::edition::LINES;
use crate::spec::operation::Field;
use crate::spec::permission::Permissions;

fn edition(text: &str) -> Edition {
    text.parse().unwrap()
}

fn post(version: &str, method: Method, body: &str) -> Result<Operation, Rejection> {
    let input = Input::Http { content_type: Some("application/json"), query: &[], body: body.as_bytes() };
    parse(&edition(version), method, input)
}

fn get(version: &str, method: Method, query: &[(&str, &str)]) -> Result<Operation, Rejection> {
    let query: Vec<_> = query.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    parse(&edition(version), method, Input::Http { content_type: None, query: &query, body: b"" })
}

fn call(version: &str, method: Method, body: Value) -> Result<Operation, Rejection> {
    parse(&edition(version), method, Input::Server { body: Some(&body), query: None })
}

fn message(result: Result<Operation, Rejection>) -> String {
    let rejection = result.unwrap_err();
    assert_eq!((rejection.code, rejection.wire.status), (ErrorCode::ValidationError, 400));
    rejection.wire.message.unwrap().into_owned()
}

fn create(result: Result<Operation, Rejection>) -> CreateKey {
    match result {
        Ok(Operation::Create(create)) => create,
        other => panic!("{other:?}"),
    }
}

fn list(result: Result<Operation, Rejection>) -> ListKeys {
    match result {
        Ok(Operation::List(list)) => list,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_body_that_is_not_json_is_refused_as_the_edition_does() {
    let wire = |version| post(version, Method::CreateApiKey, "{").unwrap_err().wire;
    assert_eq!((wire("1.6.15").status, wire("1.6.15").body(None)), (500, None));
    assert_eq!(
        wire("1.6.16").body(None),
        Some(json!({ "code": "BAD_REQUEST", "message": "Invalid JSON in request body" }))
    );
    let form = Input::Http { content_type: Some("text/plain"), query: &[], body: b"{}" };
    let refused = parse(&edition("1.7"), Method::CreateApiKey, form).unwrap_err();
    assert_eq!((refused.code, refused.wire.status), (ErrorCode::UnsupportedMediaType, 415));
    let text = message(parse(&edition("1.3"), Method::CreateApiKey, form));
    assert_eq!(text, "Invalid body parameters");
}

#[test]
fn what_is_not_an_object_is_refused() {
    for (body, received) in [("[]", "array"), ("null", "null"), ("\"x\"", "string"), ("1", "number"), ("", "undefined")]
    {
        let text = message(post("1.7", Method::CreateApiKey, body));
        assert_eq!(text, format!("[body] Invalid input: expected object, received {received}"));
    }
    assert_eq!(
        message(call("1.7", Method::CreateApiKey, Value::Null)),
        "[body] Invalid input: expected object, received null"
    );
}

#[test]
fn messages_name_the_path_since_1_4_5() {
    let body = r#"{"name":1,"expiresIn":0,"prefix":"!"}"#;
    assert_eq!(message(post("1.4.4", Method::CreateApiKey, body)), "Invalid body parameters");
    assert_eq!(message(get("1.4.4", Method::GetApiKey, &[])), "Invalid query parameters");
    assert_eq!(
        message(post("1.4.5", Method::CreateApiKey, body)),
        "[body.name] Invalid input: expected string, received number; [body.expiresIn] Too small: expected number to be \
         >=1; [body.prefix] Invalid prefix format, must be alphanumeric and contain only underscores and hyphens."
    );
    let repeated = message(get("1.7", Method::GetApiKey, &[("id", "1"), ("id", "2")]));
    assert_eq!(repeated, "[query.id] Invalid input: expected string, received array");
}

#[test]
fn each_field_has_its_type_and_bounds() {
    let refused = [
        r#"{"name":null}"#,
        r#"{"configId":null}"#,
        r#"{"expiresIn":0.5}"#,
        r#"{"expiresIn":1e400}"#,
        r#"{"prefix":""}"#,
        r#"{"prefix":"ab\n"}"#,
        r#"{"remaining":-1}"#,
        r#"{"refillAmount":0.5}"#,
        r#"{"refillAmount":null}"#,
        r#"{"rateLimitMax":"1"}"#,
        r#"{"rateLimitEnabled":null}"#,
        r#"{"permissions":null}"#,
        r#"{"permissions":[]}"#,
        r#"{"permissions":{"a":"x"}}"#,
        r#"{"permissions":{"a":["x",1]}}"#,
        r#"{"userId":{"toString":1}}"#,
    ];
    for body in refused {
        message(post("1.7", Method::CreateApiKey, body));
    }
    let accepted = r#"{"expiresIn":1,"prefix":"a-_9","remaining":0.5,"refillInterval":-1,"rateLimitMax":-1,"unknown":1,
        "permissions":{"__proto__":1,"constructor":["b","b"],"empty":[]},"metadata":[1],"organizationId":null,"name":""}"#;
    let create = create(post("1.7", Method::CreateApiKey, accepted));
    assert_eq!(create.remaining, Field::Set(0.5));
    assert_eq!(create.organization_id.as_deref(), Some("null"));
    assert_eq!(create.metadata, Field::Set(json!([1])));
    assert_eq!(create.permissions.unwrap().to_json(), json!({ "constructor": ["b", "b"], "empty": [] }));
    for body in [r#"{"remaining":0.5,"keyId":"k"}"#, r#"{"enabled":null,"keyId":"k"}"#, "{}"] {
        message(post("1.7", Method::UpdateApiKey, body));
    }
}

#[test]
fn validation_was_looser_before_zod_4_and_stricter_before_coercion() {
    assert_eq!(
        create(post("1.2", Method::CreateApiKey, r#"{"expiresIn":1e400}"#)).expires_in,
        Field::Set(f64::INFINITY)
    );
    message(post("1.2", Method::CreateApiKey, r#"{"permissions":{"__proto__":1}}"#));
    let user = |version, body| post(version, Method::CreateApiKey, body);
    message(user("1.2.4", r#"{"userId":null}"#));
    assert_eq!(create(user("1.2.5", r#"{"userId":null}"#)).user_id.as_deref(), Some("null"));
    assert_eq!(create(user("1.7", r#"{"userId":[1,[null,"b"]]}"#)).user_id.as_deref(), Some("1,,b"));
}

#[test]
fn the_list_query_is_coerced() {
    let limit = |text| list(get("1.7", Method::ListApiKeys, &[("limit", text)])).limit;
    assert_eq!([limit(""), limit("0x10"), limit(" \t5\n"), limit("1e2"), limit("-0")], [0, 16, 5, 100, 0].map(Some));
    assert_eq!(limit("9007199254740991"), Some(9_007_199_254_740_991));
    for text in ["1.5", "-1", "abc", "Infinity", "1e400", "9007199254740993"] {
        message(get("1.7", Method::ListApiKeys, &[("limit", text)]));
    }
    message(get("1.7", Method::ListApiKeys, &[("limit", "1"), ("limit", "2")]));
    message(get("1.7", Method::ListApiKeys, &[("sortDirection", "DESC")]));
    assert_eq!(list(get("1.4", Method::ListApiKeys, &[("limit", "abc")])), ListKeys::default());
    let of_call =
        |query: Value| parse(&edition("1.7"), Method::ListApiKeys, Input::Server { body: None, query: Some(&query) });
    assert_eq!(
        list(of_call(json!({ "limit": [5], "offset": true }))),
        ListKeys { limit: Some(5), offset: Some(1), ..ListKeys::default() }
    );
    assert_eq!(list(of_call(json!({ "limit": null }))).limit, Some(0));
    message(of_call(json!({ "limit": {} })));
    message(of_call(Value::Null));
}

#[test]
fn operations_without_a_route_are_not_found_over_http() {
    for method in [Method::VerifyApiKey, Method::DeleteAllExpiredApiKeys, Method::GetSession] {
        assert_eq!(post("1.7", method, "{}").unwrap_err().code, ErrorCode::NotFound);
    }
    assert_eq!(call("1.7", Method::DeleteAllExpiredApiKeys, json!({})), Ok(Operation::DeleteAllExpired));
}

#[test]
fn size_and_depth_are_bounded() {
    let nested = format!("{{\"metadata\":{}{}}}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
    assert_eq!(post("1.7", Method::CreateApiKey, &nested).unwrap_err().wire.status, 413);
    let large = format!("{{\"name\":\"{}\"}}", "x".repeat(MAX_BODY));
    assert_eq!(post("1.7", Method::CreateApiKey, &large).unwrap_err().wire.status, 413);
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![(1_i32..1_000_000).prop_map(f64::from), 1.0..1e6_f64, Just(1e300)]
}

fn field<T: std::fmt::Debug + Clone>(inner: impl Strategy<Value = T>) -> impl Strategy<Value = Field<T>> {
    option::of(option::of(inner)).prop_map(|field| match field {
        None => Field::Absent,
        Some(None) => Field::Null,
        Some(Some(value)) => Field::Set(value),
    })
}

fn permissions() -> impl Strategy<Value = Permissions> {
    let pair = (prop_oneof![".{0,8}", Just("constructor".to_owned())], vec(".{0,8}", 0..3));
    vec(pair, 0..3).prop_map(|pairs| pairs.into_iter().filter(|(resource, _)| resource != "__proto__").collect())
}

fn metadata() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(0)),
        Just(json!("")),
        Just(json!(false)),
        Just(json!({ "a": [1, 2.5, null, { "b": "😀" }] }))
    ]
}

prop_compose! {
    fn create_key()(
        (config_id, name, prefix) in (option::of(".{0,9}"), option::of(".*"), option::of("[a-zA-Z0-9_-]{1,9}")),
        (expires_in, remaining, metadata) in (field(number()), field(number()), field(metadata())),
        (refill_amount, refill_interval) in (option::of(number()), option::of(number())),
        (rate_limit_max, rate_limit_time_window) in (option::of(number()), option::of(number())),
        (rate_limit_enabled, permissions) in (option::of(any::<bool>()), option::of(permissions())),
        (user_id, organization_id) in (option::of(".{0,9}"), option::of(".{0,9}")),
    ) -> CreateKey {
        CreateKey {
            config_id, name, expires_in, prefix, metadata, remaining, refill_amount, refill_interval, rate_limit_max,
            rate_limit_time_window, rate_limit_enabled, permissions, user_id, organization_id,
        }
    }
}

prop_compose! {
    fn update_key()(
        (config_id, key_id, user_id) in (option::of(".{0,9}"), ".{0,9}", option::of(".{0,9}")),
        (name, enabled, remaining) in (option::of(".*"), option::of(any::<bool>()), option::of(number())),
        (refill_amount, refill_interval) in (option::of(number()), option::of(number())),
        (metadata, expires_in, permissions) in (field(metadata()), field(number()), field(permissions())),
        (rate_limit_max, rate_limit_time_window) in (option::of(number()), option::of(number())),
        rate_limit_enabled in option::of(any::<bool>()),
    ) -> UpdateKey {
        UpdateKey {
            config_id, key_id, user_id, name, enabled, remaining, refill_amount, refill_interval, metadata, expires_in,
            rate_limit_enabled, rate_limit_time_window, rate_limit_max, permissions,
        }
    }
}

prop_compose! {
    fn list_keys()(
        (config_id, organization_id, sort_by) in (option::of(".{0,9}"), option::of(".{0,9}"), option::of(".{0,9}")),
        (limit, offset) in (option::of(0..=9_007_199_254_740_991_u64), option::of(0..100_u64)),
        descending in option::of(any::<bool>()),
    ) -> ListKeys {
        ListKeys { config_id, organization_id, limit, offset, sort_by, descending }
    }
}

fn operation() -> impl Strategy<Value = Operation> {
    let config_id = || option::of(".{0,9}");
    prop_oneof![
        create_key().prop_map(Operation::Create),
        update_key().prop_map(Operation::Update),
        list_keys().prop_map(Operation::List),
        (config_id(), ".*", option::of(permissions()))
            .prop_map(|(config_id, key, permissions)| Operation::Verify(VerifyKey { config_id, key, permissions })),
        (config_id(), ".*").prop_map(|(config_id, id)| Operation::Get(GetKey { config_id, id })),
        (config_id(), ".*").prop_map(|(config_id, key_id)| Operation::Delete(DeleteKey { config_id, key_id })),
        Just(Operation::DeleteAllExpired),
    ]
}

fn method_of(operation: &Operation) -> Method {
    match operation {
        Operation::Create(_) => Method::CreateApiKey,
        Operation::Verify(_) => Method::VerifyApiKey,
        Operation::Get(_) => Method::GetApiKey,
        Operation::Update(_) => Method::UpdateApiKey,
        Operation::Delete(_) => Method::DeleteApiKey,
        Operation::List(_) => Method::ListApiKeys,
        Operation::DeleteAllExpired => Method::DeleteAllExpiredApiKeys,
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(operation in operation()) {
        let edition = Edition::newest();
        let method = method_of(&operation);
        let encoded = encode(&edition, &operation);
        let body = encoded.body.clone().map(Value::Object);
        let query = encoded.query.clone().map(Value::Object);
        let called = parse(&edition, method, Input::Server { body: body.as_ref(), query: query.as_ref() });
        prop_assert_eq!(called.as_ref(), Ok(&operation));
        if method.route(&edition).is_some() {
            let body = body.map(|body| body.to_string()).unwrap_or_default();
            let query = encoded.query_pairs();
            let input = Input::Http { content_type: Some("application/json"), query: &query, body: body.as_bytes() };
            prop_assert_eq!(parse(&edition, method, input), Ok(operation));
        }
    }

    #[test]
    fn an_older_edition_reads_what_it_has(operation in operation(), line in 0..LINES.len()) {
        let (major, minor, patch) = LINES[line];
        let edition = edition(&format!("{major}.{minor}.{patch}"));
        let read = |operation: &Operation| {
            let encoded = encode(&edition, operation);
            let (body, query) = (encoded.body.map(Value::Object), encoded.query.map(Value::Object));
            parse(&edition, method_of(operation), Input::Server { body: body.as_ref(), query: query.as_ref() })
        };
        let first = read(&operation);
        prop_assert!(first.is_ok(), "{first:?}");
        prop_assert_eq!(&read(first.as_ref().unwrap()), &first);
    }

    #[test]
    fn never_panics(
        line in 0..LINES.len(),
        method in prop::sample::select(Method::ALL),
        content_type in option::of(prop_oneof![
            Just("application/json".to_owned()),
            Just("multipart/form-data; boundary=b".to_owned()),
            ".{0,12}",
        ]),
        query in vec((".{0,5}", ".{0,5}"), 0..4),
        body in vec(any::<u8>(), 0..64),
    ) {
        let (major, minor, patch) = LINES[line];
        let input = Input::Http { content_type: content_type.as_deref(), query: &query, body: &body };
        let _ = parse(&edition(&format!("{major}.{minor}.{patch}")), method, input);
    }
}
