use super::*;

/// A world without anything but a host.
const PRELUDE: &str = "(function (input, host) {
    globalThis.input = input;
    globalThis.host = host;
    return value => String(value);
})";

/// Answers with what it was asked.
struct Echo;

impl Host for Echo {
    fn call<'a>(&'a self, name: &'a str, arguments: &'a str) -> Answer<'a> {
        Box::pin(async move {
            match name {
                "fail" => Err(format!("refused: {arguments}")),
                _ => Ok(format!("{name}({arguments})")),
            }
        })
    }
}

fn job(source: &str) -> Job {
    Job {
        prelude: PRELUDE,
        input: "the input".to_owned(),
        source: source.into(),
        limit: Some(Duration::from_secs(5)),
        key: Some(1),
    }
}

async fn run(source: &str) -> Result<String, Failure> {
    Engine::default().run(job(source), &Echo).await
}

#[tokio::test]
async fn the_value_of_the_last_expression_is_the_result() {
    assert_eq!(run("let a = 1; a + 1; input + (a + 2)").await, Ok("the input3".to_owned()));
}

#[tokio::test]
async fn programs_are_sloppy_and_global() {
    assert_eq!(run("b = 2; var c = this.b; c").await, Ok("2".to_owned()));
}

#[tokio::test]
async fn the_host_answers_and_refuses() {
    assert_eq!(run("host('a', 'b')").await, Ok("a(b)".to_owned()));
    let thrown = Err(Failure::Thrown("Error: refused: x".to_owned()));
    assert_eq!(run("host('fail', 'x')").await, thrown);
    let caught = "try { host('fail', 'x') } catch (e) { e.message }";
    assert_eq!(run(caught).await, Ok("refused: x".to_owned()));
}

#[tokio::test]
async fn what_throws_or_cannot_be_read_fails() {
    for (source, text) in [
        ("throw new TypeError('x')", "TypeError: x"),
        ("throw 'only a text'", "only a text"),
        ("unknown()", "ReferenceError: unknown is not defined"),
    ] {
        assert_eq!(run(source).await, Err(Failure::Thrown(text.to_owned())), "{source}");
    }
    assert!(matches!(run("let let = ;").await, Err(Failure::Thrown(_))));
}

#[tokio::test]
async fn loops_and_greed_come_to_an_end() {
    for source in [
        "for (;;) {}",
        "try { for (;;) {} } catch (e) { for (;;) {} }",
        "for (;;) { try { host('a') } catch (e) {} }",
        "/(a+)+$/.test('a'.repeat(40) + '!')",
    ] {
        let job = Job { limit: Some(Duration::from_millis(100)), ..job(source) };
        let failure = Engine::default().run(job, &Echo).await;
        assert_eq!(failure, Err(Failure::TimedOut), "{source}");
    }
    for source in [
        "let all = []; for (;;) all.push('x'.repeat(1e5) + all.length)",
        "(function f() { f() })()",
    ] {
        assert!(matches!(run(source).await, Err(Failure::Thrown(_))), "{source}");
    }
}

#[tokio::test]
async fn loops_of_one_key_leave_places_to_others() {
    let engine = Arc::new(Engine::default());
    let greedy = (0..50).map(|_| {
        let engine = Arc::clone(&engine);
        tokio::spawn(async move {
            let job = Job { limit: Some(Duration::from_secs(2)), ..job("for (;;) {}") };
            engine.run(job, &Echo).await
        })
    });
    let greedy: Vec<_> = greedy.collect();
    tokio::time::sleep(Duration::from_millis(50)).await;

    let begun = Instant::now();
    let other = engine.run(Job { key: Some(2), ..job("1") }, &Echo).await;

    assert_eq!(other, Ok("1".to_owned()));
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    greedy.iter().for_each(tokio::task::JoinHandle::abort);
}
