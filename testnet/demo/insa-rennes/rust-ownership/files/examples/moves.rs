//! Ownership moves with assignment and with a call.

fn keep(text: String) -> usize {
    text.len()
} // `text` is dropped here

fn main() {
    let a = String::from("open education");
    let b = a; // the text moves from `a` to `b`
    // println!("{a}"); // refused: borrow of moved value: `a`
    println!("{b}");

    let n = 3;
    let m = n; // integers are Copy: both remain usable
    println!("{n} {m}");

    println!("{}", keep(b)); // `b` moves into the function
}
