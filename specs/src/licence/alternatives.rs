//! An expression as the choice it gives: alternatives, each a list of licences that all hold.

use spdx::Expression;
use spdx::expression::{ExprNode, Operator};
use spdx::{LicenseItem, LicenseReq};

/// Alternatives that are told apart: an expression of 200 bytes could give a million.
const MAX_ALTERNATIVES: usize = 64;

/// The alternatives of an expression, each with the ids of licences that hold together; nothing when there are too many.
/// Exceptions (`WITH`) only add permissions and are left out.
pub(super) fn of(expression: &Expression) -> Option<Vec<Vec<String>>> {
    build(expression, &|req| id(&req.license))
}

/// The same, with what [`parted`] parts again where a licence has an exception.
pub(super) fn with_exceptions(expression: &Expression) -> Option<Vec<Vec<String>>> {
    build(expression, &|req| match &req.addition {
        Some(exception) => format!("{}{WITH}{exception}", id(&req.license)),
        None => id(&req.license),
    })
}

/// A licence of [`with_exceptions`] as its id and its exception.
pub(super) fn parted(licence: &str) -> (&str, Option<&str>) {
    match licence.split_once(WITH) {
        Some((id, exception)) => (id, Some(exception)),
        None => (licence, None),
    }
}

/// Between a licence and its exception, as SPDX writes it.
const WITH: &str = " WITH ";

fn build(
    expression: &Expression,
    name: &dyn Fn(&LicenseReq) -> String,
) -> Option<Vec<Vec<String>>> {
    let mut stack: Vec<Vec<Vec<String>>> = Vec::new();
    for node in expression.iter() {
        let next = match node {
            ExprNode::Req(req) => vec![vec![name(&req.req)]],
            ExprNode::Op(operator) => {
                let (right, left) = (stack.pop()?, stack.pop()?);
                match operator {
                    Operator::Or => [left, right].concat(),
                    Operator::And => {
                        let right = &right;
                        left.iter()
                            .flat_map(|a| right.iter().map(move |b| both(a, b)))
                            .take(MAX_ALTERNATIVES + 1)
                            .collect()
                    }
                }
            }
        };
        if next.len() > MAX_ALTERNATIVES {
            return None;
        }
        stack.push(next);
    }
    stack.pop()
}

fn both(a: &[String], b: &[String]) -> Vec<String> {
    let mut all = a.to_vec();
    all.extend(b.iter().filter(|id| !a.contains(id)).cloned());
    all
}

/// The id of one licence; `GPL-3.0+` and the deprecated `GPL-3.0` say what they mean.
fn id(item: &LicenseItem) -> String {
    match item {
        LicenseItem::Spdx { id, or_later } => {
            let name = id.name;
            let gnu = ["GPL-", "LGPL-", "AGPL-", "GFDL-"]
                .iter()
                .any(|family| name.starts_with(family));
            match (
                gnu && !name.ends_with("-only") && !name.ends_with("-or-later"),
                or_later,
            ) {
                (true, true) => format!("{name}-or-later"),
                (true, false) => format!("{name}-only"),
                (false, _) => name.to_owned(),
            }
        }
        other => other.to_string(),
    }
}
