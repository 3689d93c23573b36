using System.Globalization;
using Spectre.Console;

namespace ServiceQuality.Cli.Import;

/// <summary>Shows how an import is getting on: a bar for people, plain lines for logs, nothing for `--json`.</summary>
internal abstract class ImportProgress(ImportRun run, TimeProvider clock)
{
    private readonly long started = clock.GetTimestamp();
    private readonly long before = Facts(run.State.Counts);

    public static ImportProgress Of(ImportRun run, Surroundings surroundings, bool json) =>
        json ? new Silent(run, surroundings) : surroundings.OutputIsTerminal ? new Bar(run, surroundings) : new Lines(run, surroundings);

    /// <summary>Runs the work while showing how it gets on.</summary>
    public abstract Task WatchAsync(Func<Task> work);

    /// <summary>Seconds of this run.</summary>
    public double Seconds => clock.GetElapsedTime(started).TotalSeconds;

    /// <summary>Facts answered in this run.</summary>
    public long Answered => Facts(run.State.Counts) - before;

    protected string Status(Surroundings surroundings)
    {
        var counts = run.State.Counts;
        var rate = Seconds > 0 ? Answered / Seconds : 0;
        return surroundings.Chinese
            ? string.Create(CultureInfo.InvariantCulture, $"{rate:N0} 条/秒 · 接受 {counts.Accepted:N0} · 重复 {counts.Duplicate:N0} · 拒绝 {counts.Refused:N0}")
            : string.Create(CultureInfo.InvariantCulture, $"{rate:N0} facts/s · {counts.Accepted:N0} accepted · {counts.Duplicate:N0} duplicate · {counts.Refused:N0} refused");
    }

    private static long Facts(ImportCounts counts) => counts.Accepted + counts.Duplicate + counts.Refused;

    private sealed class Silent(ImportRun run, Surroundings surroundings) : ImportProgress(run, surroundings.Clock)
    {
        public override Task WatchAsync(Func<Task> work) => work();
    }

    private sealed class Bar(ImportRun run, Surroundings surroundings) : ImportProgress(run, surroundings.Clock)
    {
        private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(200);
        private readonly ImportRun run = run;

        public override Task WatchAsync(Func<Task> work) => surroundings.Tables().Progress()
            .Columns(new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .StartAsync(async context =>
            {
                var bar = context.AddTask(Status(surroundings), maxValue: 1);
                var sending = work();
                while (await Task.WhenAny(sending, Task.Delay(Refresh, surroundings.Clock)) != sending)
                    Show(bar);
                Show(bar);
                await sending;
            });

        private void Show(ProgressTask bar)
        {
            bar.Value = run.Share;
            bar.Description = Markup.Escape(Status(surroundings));
        }
    }

    private sealed class Lines(ImportRun run, Surroundings surroundings) : ImportProgress(run, surroundings.Clock)
    {
        private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
        private readonly ImportRun run = run;

        public override async Task WatchAsync(Func<Task> work)
        {
            var sending = work();
            while (await Task.WhenAny(sending, Task.Delay(Pause, surroundings.Clock)) != sending)
            {
                var left = run.Share > 0 ? TimeSpan.FromSeconds(Seconds * (1 - run.Share) / run.Share) : (TimeSpan?)null;
                await surroundings.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                    $"{run.Share,6:P1} · {Status(surroundings)}{(left is { } rest ? $" · {(int)rest.TotalMinutes}:{rest.Seconds:00} {surroundings.Say("left", "剩余")}" : "")}"));
            }

            await sending;
        }
    }
}
