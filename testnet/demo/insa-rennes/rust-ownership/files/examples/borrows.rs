//! Shared or mutable, never both.

fn count_words(text: &str) -> usize {
    text.split_whitespace().count()
}

fn shout(text: &mut String) {
    text.push('!');
}

fn main() {
    let mut text = String::from("one value many readers");
    let first = &text;
    let second = &text;
    println!("{} {}", count_words(first), count_words(second));

    shout(&mut text); // allowed: `first` and `second` are not used below
    println!("{text}");
}
