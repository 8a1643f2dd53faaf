//! Handing out a file: ranges, validators, and the headers that keep it a file.

use std::ops::Range;

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
};
use commun_specs::files::FileEntry;

use super::{Web, problem::Problem};

/// What a request wants of a file.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    Whole,
    Range(Range<u64>),
    /// The reader has it already.
    Nothing,
    /// No byte of it lies in the range.
    Outside,
}

/// Answers with a file's bytes, verified on the way out. `disposition` is the header's value.
pub(super) async fn send(
    web: &Web,
    file: &FileEntry,
    request: &HeaderMap,
    content_type: &str,
    disposition: &str,
    head_only: bool,
) -> Result<Response<Body>, Problem> {
    if let Some(problem) = web.site().blocked(file) {
        return Err(problem);
    }
    let etag = format!("\"{}\"", file.blake3);
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    let mut set = |name, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set(header::ETAG, &etag);
    set(header::ACCEPT_RANGES, "bytes");
    set(header::CACHE_CONTROL, "public, no-cache");
    set(header::CONTENT_TYPE, content_type);
    set(header::CONTENT_DISPOSITION, disposition);
    let range = match part(request, &etag, file.size) {
        Part::Nothing => {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return Ok(response);
        }
        Part::Outside => {
            let mut response = axum::response::IntoResponse::into_response(Problem::new(
                StatusCode::RANGE_NOT_SATISFIABLE,
                format!("the file has {} bytes", file.size),
            ));
            if let Ok(value) = HeaderValue::from_str(&format!("bytes */{}", file.size)) {
                response.headers_mut().insert(header::CONTENT_RANGE, value);
            }
            return Ok(response);
        }
        Part::Whole => 0..file.size,
        Part::Range(range) => {
            set(
                header::CONTENT_RANGE,
                &format!("bytes {}-{}/{}", range.start, range.end - 1, file.size),
            );
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            range
        }
    };
    response.headers_mut().insert(
        header::CONTENT_LENGTH,
        HeaderValue::from(range.end - range.start),
    );
    if !head_only {
        let bytes = web.site().open(file, range).await?.ok_or_else(|| {
            Problem::busy("this node has not received the file yet; try again", 5)
        })?;
        *response.body_mut() = Body::from_stream(bytes);
    }
    Ok(response)
}

/// Reads the conditional headers (RFC 9110, 13 and 14). Several ranges, and anything that is not understood, give
/// the whole file, as the standard allows.
fn part(request: &HeaderMap, etag: &str, size: u64) -> Part {
    let text = |name| {
        request
            .get(name)
            .and_then(|v: &HeaderValue| v.to_str().ok())
    };
    let names_it = |list: &str| {
        list.split(',')
            .any(|tag| tag.trim() == "*" || tag.trim().trim_start_matches("W/") == etag)
    };
    if text(header::IF_NONE_MATCH).is_some_and(names_it) {
        return Part::Nothing;
    }
    if text(header::IF_RANGE).is_some_and(|tag| tag.trim() != etag) {
        return Part::Whole;
    }
    let Some((first, last)) = text(header::RANGE)
        .and_then(|range| range.strip_prefix("bytes="))
        .filter(|range| !range.contains(','))
        .and_then(|range| range.trim().split_once('-'))
    else {
        return Part::Whole;
    };
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse::<u64>().unwrap_or(u64::MAX))
    };
    let range = match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => first..last.saturating_add(1).min(size),
        (Some(first), None) if last.is_empty() => first..size,
        (None, Some(suffix)) if first.is_empty() => size.saturating_sub(suffix)..size,
        _ => return Part::Whole,
    };
    if range.is_empty() || range.start >= size {
        Part::Outside
    } else {
        Part::Range(range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(headers: &[(header::HeaderName, &str)]) -> Part {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(name, value.parse().unwrap());
        }
        part(&map, "\"abc\"", 100)
    }

    #[test]
    fn ranges_are_read_as_the_standard_says() {
        let range = |text| of(&[(header::RANGE, text)]);
        assert_eq!(range("bytes=0-9"), Part::Range(0..10));
        assert_eq!(range("bytes=90-"), Part::Range(90..100));
        assert_eq!(range("bytes=-10"), Part::Range(90..100));
        assert_eq!(range("bytes=-1000"), Part::Range(0..100));
        assert_eq!(range("bytes=50-5000"), Part::Range(50..100));
        assert_eq!(range("bytes=100-"), Part::Outside);
        assert_eq!(range("bytes=-0"), Part::Outside);
        assert_eq!(range("bytes=99999999999999999999-"), Part::Outside);
        for whole in [
            "bytes=5-1",
            "bytes=a-b",
            "bytes=0-1,5-6",
            "lines=1-2",
            "bytes=-",
            "bytes=+1-2",
        ] {
            assert_eq!(range(whole), Part::Whole, "{whole}");
        }
    }

    #[test]
    fn parts_of_files_of_many_gigabytes_are_where_they_are_asked_for() {
        const SIZE: u64 = 9 << 40;
        let range = |text: &str| {
            let mut map = HeaderMap::new();
            map.insert(header::RANGE, text.parse().unwrap());
            part(&map, "\"abc\"", SIZE)
        };
        let from = 5 << 32;
        assert_eq!(
            range(&format!("bytes={from}-{}", from + 9)),
            Part::Range(from..from + 10)
        );
        assert_eq!(range(&format!("bytes={from}-")), Part::Range(from..SIZE));
        assert_eq!(range("bytes=-1"), Part::Range(SIZE - 1..SIZE));
        assert_eq!(range(&format!("bytes={SIZE}-")), Part::Outside);
    }

    #[test]
    fn what_the_reader_has_is_not_sent_again() {
        assert_eq!(
            of(&[(header::IF_NONE_MATCH, "\"x\", W/\"abc\"")]),
            Part::Nothing
        );
        let both = |tag| of(&[(header::IF_RANGE, tag), (header::RANGE, "bytes=1-2")]);
        assert_eq!(both("\"abc\""), Part::Range(1..3));
        assert_eq!(both("\"old\""), Part::Whole);
    }
}
