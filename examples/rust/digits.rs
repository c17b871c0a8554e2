// SPDX-License-Identifier: Apache-2.0
//
// Reads handwritten digits from Rust, in a thread for each picture, over the
// hand-written binding in pt2.rs; no crate is needed.
//
//   rustc -O examples/rust/digits.rs -L build/release -C link-arg=-Wl,-rpath,build/release
//   ./digits examples/digits/digits.pt2 examples/digits/pictures/7.pgm
mod pt2;

use pt2::{Error, Input, Runner};

/// An 8x8 picture in plain PGM: "P2", the sizes, the largest grey, the greys.
fn read_picture(path: &str) -> Result<Vec<f32>, Error> {
    let text = std::fs::read_to_string(path).map_err(|error| Error(format!("{}: {}", path, error)))?;
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.len() != 68 || words[..4] != ["P2", "8", "8", "16"] {
        return Err(Error(format!("{}: not an 8x8 picture in plain PGM with greys 0 to 16", path)));
    }
    words[4..].iter().map(|word| word.parse().map_err(|_| Error(format!("{}: {}?", path, word)))).collect()
}

fn classify(runner: &Runner, path: &str) -> Result<(usize, f32), Error> {
    let picture = read_picture(path)?;
    let outputs = runner.run(&[Input::new(&picture, &[1, 1, 8, 8])?])?;
    let output = outputs.first().and_then(|output| output.as_ref());
    let probabilities = output
        .and_then(|tensor| if tensor.sizes() == [1, 10] { tensor.values() } else { None })
        .ok_or_else(|| Error("the model does not return ten probabilities".into()))?;
    let best = (0..10).max_by(|&a, &b| probabilities[a].total_cmp(&probabilities[b])).unwrap();
    Ok((best, probabilities[best]))
}

fn run(package: &str, pictures: &[String]) -> Result<(), Error> {
    let runner = Runner::load(package)?;
    let results: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            pictures.iter().map(|path| (path, scope.spawn(|| classify(&runner, path)))).collect();
        threads.into_iter().map(|(path, thread)| (path, thread.join().unwrap())).collect()
    });
    for (path, result) in results {
        let (digit, probability) = result?;
        println!("{}: {} ({:.2} %)", path, digit, 100.0 * probability);
    }
    Ok(())
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.len() < 3 {
        eprintln!("usage: {} PACKAGE.pt2 PICTURE.pgm...", arguments[0]);
        std::process::exit(2);
    }
    if let Err(error) = run(&arguments[1], &arguments[2..]) {
        eprintln!("{}", error.0);
        std::process::exit(1);
    }
}
