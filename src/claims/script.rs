//! Blocks of TypeScript to types, values and calls: the only file that knows the TypeScript parser.
//!
//! Pages write the parameters of an endpoint as a type whose members have example values (`name?: string = "mine"`).
//! In TypeScript only a class may have those, so a block that is no TypeScript is read again with `class` in place of
//! `type`. Both have the same length, and every position stays.

use oxc_allocator::Allocator;
use oxc_ast::ast::{
    Argument, ArrayExpressionElement, BinaryOperator, BindingPattern, Class, ClassElement, Comment, Declaration,
    Expression, ObjectPropertyKind, Statement, TSLiteral, TSSignature, TSType, TSTypeName, UnaryOperator,
    VariableDeclaration,
};
use oxc_parser::Parser;
use oxc_semantic::JSDoc;
use oxc_span::{GetSpan as _, SourceType, Span};
use serde_json::{Number, Value};

use super::limit;
use super::shape::{Call, Field, Shape, Term};

/// What a block of code declares and does.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Script {
    pub(super) types: Vec<Declared<Shape>>,
    pub(super) values: Vec<Declared<Term>>,
    /// The value of each statement, with those of declarations.
    pub(super) terms: Vec<Term>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Declared<T> {
    pub(super) name: String,
    pub(super) value: T,
    /// In the document, 1-based.
    pub(super) line: usize,
}

/// Expressions in one another; what is deeper is not looked into.
const DEPTH: usize = 64;

/// Reads a block whose first line is the line `first` of its document.
pub(super) fn read(text: &str, first: usize) -> Result<Script, (usize, String)> {
    limit::check_brackets(text).map_err(|message| (first, message))?;
    let plain = parse(text, first);
    match &plain {
        Ok(_) => plain,
        Err(_) => match as_classes(text) {
            Some(classes) => parse(&classes, first).or(plain),
            None => plain,
        },
    }
}

/// `type Name = {` at the start of a line becomes `class Name  {`.
fn as_classes(text: &str) -> Option<String> {
    let mut changed = false;
    let lines: Vec<String> = text
        .split('\n')
        .map(|line| {
            let Some(rest) = line.trim_start().strip_prefix("type ") else { return line.to_owned() };
            let indent = &line[..line.len() - line.trim_start().len()];
            match rest.split_once(" = {") {
                Some((name, after)) if name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$') => {
                    changed = true;
                    format!("{indent}class {name}  {{{after}")
                }
                _ => line.to_owned(),
            }
        })
        .collect();
    changed.then(|| lines.join("\n"))
}

fn parse(text: &str, first: usize) -> Result<Script, (usize, String)> {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, text, SourceType::ts().with_module(true)).parse();
    let reader = Reader { text, first, comments: &parsed.program.comments };
    if let Some(error) = parsed.errors.first() {
        let at = error.labels.as_ref().and_then(|labels| labels.first()).map_or(0, |label| label.offset());
        return Err((reader.line_of(at), error.message.to_string()));
    }
    if parsed.panicked {
        return Err((first, "this is not TypeScript".to_owned()));
    }
    let mut script = Script::default();
    for statement in &parsed.program.body {
        reader.statement(statement, &mut script);
    }
    Ok(script)
}

struct Reader<'t> {
    text: &'t str,
    first: usize,
    comments: &'t [Comment],
}

impl Reader<'_> {
    fn line_of(&self, offset: usize) -> usize {
        self.first + self.text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
    }

    fn line(&self, span: Span) -> usize {
        self.line_of(span.start as usize)
    }

    fn source(&self, span: Span) -> String {
        let text = self.text.get(span.start as usize..span.end as usize).unwrap_or_default();
        text.chars().take(80).collect()
    }

    fn statement(&self, statement: &Statement<'_>, script: &mut Script) {
        match statement {
            Statement::ExpressionStatement(statement) => script.terms.push(self.term(&statement.expression, 0)),
            Statement::VariableDeclaration(declaration) => self.variables(declaration, script),
            Statement::TSTypeAliasDeclaration(alias) => script.types.push(Declared {
                name: alias.id.name.to_string(),
                value: self.shape(&alias.type_annotation, 0),
                line: self.line(alias.span),
            }),
            Statement::ClassDeclaration(class) => self.class(class, script),
            Statement::ExportNamedDeclaration(export) => match &export.declaration {
                Some(Declaration::VariableDeclaration(declaration)) => self.variables(declaration, script),
                Some(Declaration::ClassDeclaration(class)) => self.class(class, script),
                Some(Declaration::TSTypeAliasDeclaration(alias)) => script.types.push(Declared {
                    name: alias.id.name.to_string(),
                    value: self.shape(&alias.type_annotation, 0),
                    line: self.line(alias.span),
                }),
                _ => {}
            },
            _ => {}
        }
    }

    fn variables(&self, declaration: &VariableDeclaration<'_>, script: &mut Script) {
        for declarator in &declaration.declarations {
            let Some(init) = &declarator.init else { continue };
            let term = self.term(init, 0);
            if let BindingPattern::BindingIdentifier(name) = &declarator.id {
                let (name, line) = (name.name.to_string(), self.line(declarator.span));
                script.values.push(Declared { name, value: term.clone(), line });
            }
            script.terms.push(term);
        }
    }

    fn class(&self, class: &Class<'_>, script: &mut Script) {
        let Some(id) = &class.id else { return };
        let fields = class.body.body.iter().filter_map(|element| match element {
            ClassElement::PropertyDefinition(property) => {
                let (doc, tags) = self.doc(property.span);
                Some(Field {
                    name: property.key.static_name()?.into_owned(),
                    optional: property.optional,
                    shape: property.type_annotation.as_ref().map_or(Shape::Any, |a| self.shape(&a.type_annotation, 0)),
                    initial: property.value.as_ref().map(|value| self.term(value, 0)),
                    doc,
                    tags,
                    line: self.line(property.span),
                })
            }
            _ => None,
        });
        let shape = Shape::Object(fields.collect());
        script.types.push(Declared { name: id.name.to_string(), value: shape, line: self.line(class.span) });
    }

    fn shape(&self, shape: &TSType<'_>, depth: usize) -> Shape {
        if depth > DEPTH {
            return Shape::Other;
        }
        match shape {
            TSType::TSStringKeyword(_) => Shape::String,
            TSType::TSNumberKeyword(_) => Shape::Number,
            TSType::TSBooleanKeyword(_) => Shape::Boolean,
            TSType::TSNullKeyword(_) => Shape::Null,
            TSType::TSAnyKeyword(_) | TSType::TSUnknownKeyword(_) => Shape::Any,
            TSType::TSArrayType(array) => Shape::Array(Box::new(self.shape(&array.element_type, depth + 1))),
            TSType::TSUnionType(union) => {
                Shape::Union(union.types.iter().map(|shape| self.shape(shape, depth + 1)).collect())
            }
            TSType::TSParenthesizedType(inner) => self.shape(&inner.type_annotation, depth + 1),
            TSType::TSLiteralType(literal) => match &literal.literal {
                TSLiteral::StringLiteral(text) => Shape::Literal(text.value.as_str().into()),
                TSLiteral::NumericLiteral(number) => Shape::Literal(number_value(number.value)),
                TSLiteral::BooleanLiteral(boolean) => Shape::Literal(boolean.value.into()),
                _ => Shape::Other,
            },
            TSType::TSTypeLiteral(literal) => self.members(&literal.members, depth + 1),
            TSType::TSTypeReference(reference) => {
                let TSTypeName::IdentifierReference(name) = &reference.type_name else { return Shape::Other };
                let arguments = reference.type_arguments.as_ref();
                let mut arguments: Vec<Shape> = arguments
                    .map(|given| given.params.iter().map(|shape| self.shape(shape, depth + 1)).collect())
                    .unwrap_or_default();
                match (name.name.as_str(), arguments.len()) {
                    ("Record", 2) => Shape::Record(Box::new(arguments.remove(1))),
                    ("Array", 1) => Shape::Array(Box::new(arguments.remove(0))),
                    (name, _) => Shape::Named(name.to_owned(), arguments),
                }
            }
            _ => Shape::Other,
        }
    }

    fn members(&self, members: &[TSSignature<'_>], depth: usize) -> Shape {
        if let [TSSignature::TSIndexSignature(index)] = members {
            return Shape::Record(Box::new(self.shape(&index.type_annotation.type_annotation, depth)));
        }
        let fields = members.iter().filter_map(|member| match member {
            TSSignature::TSPropertySignature(property) => {
                let (doc, tags) = self.doc(property.span);
                Some(Field {
                    name: property.key.static_name()?.into_owned(),
                    optional: property.optional,
                    shape: property
                        .type_annotation
                        .as_ref()
                        .map_or(Shape::Any, |annotation| self.shape(&annotation.type_annotation, depth)),
                    initial: None,
                    doc,
                    tags,
                    line: self.line(property.span),
                })
            }
            _ => None,
        });
        Shape::Object(fields.collect())
    }

    /// The text and the tags of the comment that stands before a member.
    fn doc(&self, member: Span) -> (String, Vec<String>) {
        let before = self.comments.iter().rev().find(|comment| {
            let between = self.text.get(comment.span.end as usize..member.start as usize);
            comment.is_jsdoc() && between.is_some_and(|between| between.trim().is_empty())
        });
        let Some(comment) = before else { return (String::new(), Vec::new()) };
        // The second star of the opening is no part of the comment.
        let inner = comment.content_span();
        let content = self.text.get(inner.start as usize + 1..inner.end as usize).unwrap_or_default();
        let parsed = JSDoc::new(content, Span::new(inner.start + 1, inner.end));
        let tags = parsed.tags().iter().map(|tag| tag.kind.parsed().to_owned()).collect();
        (parsed.comment().parsed(), tags)
    }

    fn term(&self, expression: &Expression<'_>, depth: usize) -> Term {
        if depth > DEPTH {
            return Term::Free(self.source(expression.span()));
        }
        match expression {
            Expression::StringLiteral(text) => Term::Value(text.value.as_str().into()),
            Expression::NumericLiteral(number) => Term::Value(number_value(number.value)),
            Expression::BooleanLiteral(boolean) => Term::Value(boolean.value.into()),
            Expression::NullLiteral(_) => Term::Value(Value::Null),
            Expression::TemplateLiteral(template) if template.expressions.is_empty() => {
                let text =
                    template.quasis.iter().filter_map(|part| part.value.cooked.as_ref()).map(|text| text.as_str());
                Term::Value(text.collect::<String>().into())
            }
            Expression::ParenthesizedExpression(inner) => self.term(&inner.expression, depth + 1),
            Expression::AwaitExpression(awaited) => self.term(&awaited.argument, depth + 1),
            Expression::TSAsExpression(cast) => self.term(&cast.expression, depth + 1),
            Expression::UnaryExpression(unary) => match (unary.operator, self.term(&unary.argument, depth + 1)) {
                (UnaryOperator::UnaryNegation, Term::Value(Value::Number(number))) => {
                    Term::Value(number_value(-number.as_f64().unwrap_or_default()))
                }
                _ => Term::Free(self.source(unary.span)),
            },
            Expression::BinaryExpression(binary) => {
                let sides = (self.term(&binary.left, depth + 1), self.term(&binary.right, depth + 1));
                let (Term::Value(Value::Number(left)), Term::Value(Value::Number(right))) = sides else {
                    return Term::Free(self.source(binary.span));
                };
                let (left, right) = (left.as_f64().unwrap_or_default(), right.as_f64().unwrap_or_default());
                match binary.operator {
                    BinaryOperator::Addition => Term::Value(number_value(left + right)),
                    BinaryOperator::Subtraction => Term::Value(number_value(left - right)),
                    BinaryOperator::Multiplication => Term::Value(number_value(left * right)),
                    BinaryOperator::Division => Term::Value(number_value(left / right)),
                    _ => Term::Free(self.source(binary.span)),
                }
            }
            Expression::ArrayExpression(array) => {
                let item = |element: &ArrayExpressionElement<'_>| match element.as_expression() {
                    Some(expression) => self.term(expression, depth + 1),
                    None => Term::Free(self.source(element.span())),
                };
                Term::List(array.elements.iter().map(item).collect())
            }
            Expression::ObjectExpression(object) => {
                let member = |property: &ObjectPropertyKind<'_>| match property {
                    ObjectPropertyKind::ObjectProperty(own) => {
                        let name = own.key.static_name().map(std::borrow::Cow::into_owned);
                        (name.unwrap_or_else(|| "[…]".to_owned()), self.term(&own.value, depth + 1))
                    }
                    ObjectPropertyKind::SpreadProperty(spread) => {
                        ("...".to_owned(), Term::Free(self.source(spread.span)))
                    }
                };
                Term::Object(object.properties.iter().map(member).collect())
            }
            Expression::ArrowFunctionExpression(_) | Expression::FunctionExpression(_) => Term::Function,
            Expression::CallExpression(call) => self.call(&call.callee, &call.arguments, call.span, depth),
            Expression::NewExpression(new) => self.call(&new.callee, &new.arguments, new.span, depth),
            other => Term::Free(self.source(other.span())),
        }
    }

    fn call(&self, callee: &Expression<'_>, arguments: &[Argument<'_>], span: Span, depth: usize) -> Term {
        let Some(path) = path_of(callee, 0) else { return Term::Free(self.source(span)) };
        let argument = |argument: &Argument<'_>| match argument.as_expression() {
            Some(expression) => self.term(expression, depth + 1),
            None => Term::Free(self.source(argument.span())),
        };
        let arguments = arguments.iter().map(argument).collect();
        Term::Call(Box::new(Call { path, arguments, line: self.line(span) }))
    }
}

/// `auth.api.createApiKey` as its parts.
fn path_of(callee: &Expression<'_>, depth: usize) -> Option<Vec<String>> {
    match callee {
        Expression::Identifier(name) => Some(vec![name.name.to_string()]),
        Expression::StaticMemberExpression(member) if depth < DEPTH => {
            let mut path = path_of(&member.object, depth + 1)?;
            path.push(member.property.name.to_string());
            Some(path)
        }
        _ => None,
    }
}

/// Whole numbers are written as such.
fn number_value(number: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "it is a whole number within the range")]
    if number.fract() == 0.0 && number.abs() < 9e15 {
        Value::from(number as i64)
    } else {
        Number::from_f64(number).map_or(Value::Null, Value::Number)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_type_with_example_values_is_read_with_its_comments_and_lines() {
        let text = "const x = 1\n\ntype create = {\n  /**\n   * Expires in seconds.\n   * @serverOnly\n   */\n  expiresIn?: number = 60 * 60\n  id: string = \"a\"\n}";
        let script = read(text, 10).unwrap();
        let Shape::Object(fields) = &script.types[0].value else { panic!("{script:?}") };
        assert_eq!((script.types[0].name.as_str(), script.types[0].line), ("create", 12));
        assert_eq!((fields[0].name.as_str(), fields[0].optional, fields[0].line), ("expiresIn", true, 17));
        assert_eq!(fields[0].initial, Some(Term::Value(json!(3600))));
        assert_eq!((fields[0].doc.as_str(), fields[0].has_tag("serverOnly")), ("Expires in seconds.", true));
        assert!(!fields[1].optional && fields[1].tags.is_empty());
    }

    #[test]
    fn calls_are_found_inside_others_and_what_is_not_defined_is_free() {
        let text = "export const auth = betterAuth({\n  plugins: [apiKey({ enabled: true, get: () => 1 })],\n});\nconst k = await auth.api.create({ body: { userId: user.id } });";
        let script = read(text, 1).unwrap();
        let calls: Vec<_> = script.terms.iter().flat_map(Term::calls).collect();
        let paths: Vec<_> = calls.iter().map(|call| (call.path.join("."), call.line)).collect();
        assert_eq!(paths, [("betterAuth".to_owned(), 1), ("apiKey".to_owned(), 2), ("auth.api.create".to_owned(), 4)]);
        assert_eq!(calls[1].arguments[0].member("get"), Some(&Term::Function));
        let body = calls[2].arguments[0].member("body").unwrap();
        assert_eq!(body.member("userId"), Some(&Term::Free("user.id".to_owned())));
    }

    #[test]
    fn what_is_no_typescript_is_named_with_its_line() {
        let (line, message) = read("const a = {\n  b: 1\n  c: 2\n}", 5).unwrap_err();
        assert_eq!(line, 7, "{message}");
    }
}
