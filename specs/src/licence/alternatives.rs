//! An expression as the choice it gives: alternatives, each a list of licences that all hold.

use spdx::Expression;
use spdx::LicenseItem;
use spdx::expression::{ExprNode, Operator};

/// Alternatives that are told apart: an expression of 200 bytes could give a million.
const MAX_ALTERNATIVES: usize = 64;

/// The alternatives of an expression, each with the ids of licences that hold together; nothing when there are too many.
/// Exceptions (`WITH`) only add permissions and are left out.
pub(super) fn of(expression: &Expression) -> Option<Vec<Vec<String>>> {
    let mut stack: Vec<Vec<Vec<String>>> = Vec::new();
    for node in expression.iter() {
        let next = match node {
            ExprNode::Req(req) => vec![vec![id(&req.req.license)]],
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
