//! The picture of a commons: this node in the middle, the others around it. It repeats what the table says.

use maud::{Markup, html};

use super::Seat;
use crate::http::{pages::Page, site::LogState, text::visible};

/// Size of the picture, in its own units: small enough that its letters can be read on a phone.
const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 420.0;
/// From the middle to the others.
const ACROSS: f64 = 190.0;
const DOWN: f64 = 160.0;
/// Most institutions around the middle: more cannot be told apart. The table has all.
const MAX_DRAWN: usize = 40;
/// From how many on their names would overlap.
const MAX_NAMED: usize = 20;
/// Longest name beside a dot, in characters.
const MAX_NAME: usize = 16;

/// Where an institution is drawn.
struct Dot<'a> {
    seat: &'a Seat<'a>,
    x: f64,
    y: f64,
}

/// Places the institutions: what needs attention is drawn first, where not all can be.
fn place<'a>(seats: &'a [Seat<'a>]) -> Vec<Dot<'a>> {
    let (own, mut others): (Vec<_>, Vec<_>) = seats.iter().partition(|seat| seat.own);
    if others.len() > MAX_DRAWN {
        others.sort_by_key(|seat| match (seat.state(), seat.peer) {
            (LogState::Frozen, _) => 0,
            (LogState::Behind, _) => 1,
            (_, Some(peer)) if !peer.connected => 2,
            (LogState::Ok, _) => 3,
            (LogState::Former, _) => 4,
        });
        others.truncate(MAX_DRAWN);
        others.sort_by(|a, b| a.institution.handle.cmp(&b.institution.handle));
    }
    let count = others.len().max(1) as f64;
    let around = others.into_iter().enumerate().map(|(at, seat)| {
        let angle = std::f64::consts::TAU * (at as f64 / count) - std::f64::consts::FRAC_PI_2;
        Dot {
            seat,
            x: WIDTH / 2.0 + ACROSS * angle.cos(),
            y: HEIGHT / 2.0 + DOWN * angle.sin(),
        }
    });
    let middle = own.into_iter().map(|seat| Dot {
        seat,
        x: WIDTH / 2.0,
        y: HEIGHT / 2.0,
    });
    middle.chain(around).collect()
}

/// The picture.
pub(super) fn draw(page: &Page<'_>, seats: &[Seat<'_>]) -> Markup {
    let words = page.words;
    let dots = place(seats);
    let named = dots.len() <= MAX_NAMED + 1;
    let text = words.say_with("commons-picture", [("count", seats.len().into())]);
    html! {
        svg role="img" aria-label=(text) viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } width=(WIDTH) height=(HEIGHT) {
            g.cosignings { @for (a, b) in cosignings(&dots) { (line("cosigned", a, b)) } }
            g { @if let Some(middle) = dots.first().filter(|dot| dot.seat.own) {
                @for dot in dots.iter().skip(1).filter(|dot| !dot.seat.institution.former) {
                    @let linked = dot.seat.peer.is_some_and(|peer| peer.connected);
                    (line(if linked { "linked" } else { "cut" }, middle, dot))
                }
            } }
            @for dot in &dots { (drawn(page, dot, named || dot.seat.own)) }
        }
    }
}

/// Who has cosigned whose log, each pair once; this node's own are beside its connections already.
fn cosignings<'a>(dots: &'a [Dot<'a>]) -> Vec<(&'a Dot<'a>, &'a Dot<'a>)> {
    let mut pairs = Vec::new();
    for (at, a) in dots.iter().enumerate() {
        for b in &dots[at + 1..] {
            let (one, other) = (a.seat.cosigned_by(), b.seat.cosigned_by());
            let signed = one.contains(&b.seat.institution.handle.as_str())
                || other.contains(&a.seat.institution.handle.as_str());
            if signed && !a.seat.own && !b.seat.own {
                pairs.push((a, b));
            }
        }
    }
    pairs
}

fn line(class: &str, from: &Dot<'_>, to: &Dot<'_>) -> Markup {
    let at = |n: f64| format!("{n:.1}");
    html! { line class=(class) x1=(at(from.x)) y1=(at(from.y)) x2=(at(to.x)) y2=(at(to.y)) {} }
}

fn drawn(page: &Page<'_>, dot: &Dot<'_>, named: bool) -> Markup {
    let at = |n: f64| format!("{n:.1}");
    let class = dot.seat.state().as_str();
    let sign = match (dot.seat.state(), dot.seat.behind()) {
        (LogState::Frozen, _) => "!".to_owned(),
        (LogState::Behind, 0) => "?".to_owned(),
        (_, 0) => String::new(),
        (_, behind) => format!("−{}", crate::http::text::number(page.lang(), behind)),
    };
    let radius = if dot.seat.own { 15.0 } else { 10.0 };
    let handle = visible(dot.seat.institution.handle.as_str());
    let short: String = match handle.chars().count() > MAX_NAME {
        true => handle.chars().take(MAX_NAME - 1).chain(['…']).collect(),
        false => handle,
    };
    // Names stand above the upper half and below the lower one, clear of the lines.
    let upper = dot.y < HEIGHT / 2.0 - 1.0 && !dot.seat.own;
    let below = if upper {
        -(radius + 8.0)
    } else {
        radius + 20.0
    };
    html! {
        g class={ "dot " (class) @if dot.seat.own { " own" } } {
            circle cx=(at(dot.x)) cy=(at(dot.y)) r=(at(radius)) {}
            @if named { text x=(at(dot.x)) y=(at(dot.y + below)) text-anchor="middle" { (short) } }
            @if !sign.is_empty() { text.sign x=(at(dot.x + radius + 4.0)) y=(at(dot.y + 5.0)) { (sign) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use commun_specs::name::Handle;

    use super::*;
    use crate::http::site::Institution;

    #[test]
    fn a_large_commons_is_drawn_in_part_and_the_own_node_in_the_middle() {
        let institutions: Vec<Institution> = (0..60)
            .map(|n| Institution {
                handle: Handle::new(&format!("univ-{n:02}")).unwrap(),
                name: String::new(),
                ror: None,
                former: n == 59,
                urls: Vec::new(),
            })
            .collect();
        let seats: Vec<Seat<'_>> = institutions
            .iter()
            .enumerate()
            .map(|(n, institution)| Seat {
                institution,
                log: None,
                peer: None,
                own: n == 0,
            })
            .collect();
        let dots = place(&seats);
        assert_eq!(dots.len(), MAX_DRAWN + 1);
        assert_eq!((dots[0].x, dots[0].y), (WIDTH / 2.0, HEIGHT / 2.0));
        let inside =
            |dot: &Dot<'_>| (0.0..=WIDTH).contains(&dot.x) && (0.0..=HEIGHT).contains(&dot.y);
        assert!(dots.iter().all(inside));
        assert!(cosignings(&dots).is_empty());
    }
}
