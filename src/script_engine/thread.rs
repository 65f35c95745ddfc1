//! One run, on a thread that it blocks.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use rquickjs::context::EvalOptions;
use rquickjs::function::{Func, Rest};
use rquickjs::{CatchResultExt, CaughtError, Context, Ctx, Exception, Function, Runtime, Value};
use tokio::sync::{mpsc, oneshot};

use super::{Failure, HostCall, Job};

/// The most memory a program may have.
const MEMORY: usize = 64 << 20;
/// The deepest stack; threads have four times as much.
const STACK: usize = 512 << 10;

/// Runs a program in an engine of its own, so that nothing of one call reaches another.
pub(super) fn run(
    job: &Job,
    deadline: Option<Instant>,
    stopped: &Arc<AtomicBool>,
    calls: &mpsc::Sender<HostCall>,
) -> Result<String, Failure> {
    let broken = |error: rquickjs::Error| Failure::Broken(error.to_string());
    let runtime = Runtime::new().map_err(broken)?;
    runtime.set_memory_limit(MEMORY);
    runtime.set_max_stack_size(STACK);
    let over = Over { deadline, stopped: Arc::clone(stopped) };
    let asked = over.clone();
    runtime.set_interrupt_handler(Some(Box::new(move || asked.is_over())));
    let context = Context::full(&runtime).map_err(broken)?;
    let result = context.with(|ctx| evaluate(&ctx, job, &over, calls));
    match result {
        Err(_) if over.is_over() => Err(Failure::TimedOut),
        result => result,
    }
}

/// When a program has to end.
#[derive(Clone)]
struct Over {
    deadline: Option<Instant>,
    stopped: Arc<AtomicBool>,
}

impl Over {
    fn is_over(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
            || self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }
}

fn evaluate<'js>(
    ctx: &Ctx<'js>,
    job: &Job,
    over: &Over,
    calls: &mpsc::Sender<HostCall>,
) -> Result<String, Failure> {
    let (calls, over) = (calls.clone(), over.clone());
    let host = Func::from(move |ctx: Ctx<'js>, name: String, arguments: Rest<String>| {
        let arguments = arguments.0.into_iter().next().unwrap_or_default();
        let answer = ask(&calls, name, arguments);
        // The clock ran on meanwhile; the engine itself looks at it only now and then.
        if over.is_over() {
            return Err(Exception::throw_message(&ctx, "the script took too long"));
        }
        answer.map_err(|text| Exception::throw_message(&ctx, &text))
    });
    let prelude: Function<'js> = caught(ctx, ctx.eval_with_options(job.prelude, options("host")))?;
    let finish: Function<'js> = caught(ctx, prelude.call((job.input.as_str(), host)))?;
    let value: Value<'js> = caught(ctx, ctx.eval_with_options(&*job.source, options("script")))?;
    caught(ctx, finish.call((value,)))
}

/// As the reference's engine: sloppy, in the global scope.
fn options(name: &str) -> EvalOptions {
    let mut options = EvalOptions::default();
    options.global = true;
    options.strict = false;
    options.filename = Some(name.to_owned());
    options
}

/// Sends a call to the host and waits; a host that is gone ends the program.
fn ask(calls: &mpsc::Sender<HostCall>, name: String, arguments: String) -> Result<String, String> {
    let gone = |()| "the call has ended".to_owned();
    let (answer, answered) = oneshot::channel();
    calls.blocking_send(HostCall { name, arguments, answer }).map_err(|_| gone(()))?;
    answered.blocking_recv().map_err(|_| gone(()))?
}

fn caught<T>(ctx: &Ctx<'_>, result: rquickjs::Result<T>) -> Result<T, Failure> {
    result.catch(ctx).map_err(|error| {
        Failure::Thrown(match error {
            CaughtError::Exception(exception) => {
                let name: String = exception.get("name").unwrap_or_default();
                let message = exception.message().unwrap_or_default();
                if name.is_empty() { message } else { format!("{name}: {message}") }
            }
            CaughtError::Value(value) => {
                let text = value.get::<rquickjs::Coerced<String>>();
                text.map(|text| text.0).unwrap_or_default()
            }
            CaughtError::Error(error) => error.to_string(),
        })
    })
}
