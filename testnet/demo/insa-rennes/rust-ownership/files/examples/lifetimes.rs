//! A returned reference says where it comes from.

fn longest<'a>(a: &'a str, b: &'a str) -> &'a str {
    if a.len() >= b.len() { a } else { b }
}

fn main() {
    let title = String::from("Linear algebra");
    let answer;
    {
        let other = String::from("Analysis");
        answer = longest(&title, &other).to_owned(); // without to_owned: `other` does not live long enough
    }
    println!("{answer}");
}
