using System.Diagnostics;
using ServiceQuality.Scoring;

namespace ServiceQuality.Benchmarks;

/// <summary>Ledgers of 3,000 branches with 30 days of facts and 60 indicators, and how to measure what is done with them.</summary>
internal static class BranchMonth
{
    public const int Units = 3_000;
    public const int Days = 30;
    private const int PerUnit = 7_200;

    public static Ledger[] Fill(MeasureCatalogue catalogue)
    {
        var source = new BranchFacts(PerUnit, Days);
        var ledgers = new Ledger[Units];
        Parallel.For(0, Units, unit =>
        {
            var ledger = ledgers[unit] = new Ledger(catalogue, BranchFacts.Zone);
            // No two units alike: each has its own part of the facts.
            for (var number = 0; number < PerUnit - (unit % 200); number++)
                ledger.Fold(source.Fact(unit, number));
        });
        return ledgers;
    }

    /// <summary>The days of a ledger, oldest first.</summary>
    public static Readings?[] Read(Ledger ledger)
    {
        var today = DateOnly.FromDateTime(BranchFacts.Today.DateTime);
        return [.. Enumerable.Range(-Days, Days).Select(back => ledger.Read(Period.Whole(PeriodKind.Day, today.AddDays(back)).Window(BranchFacts.Today, BranchFacts.Zone))).Select(day => day.Facts > 0 ? day : null)];
    }

    /// <summary>How long it takes, and the most that the managed heap grows by on the way.</summary>
    public static (TimeSpan Took, double Megabytes) Watch(Action work)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var most = before;
        using var done = new CancellationTokenSource();
        var watch = new Thread(() =>
        {
            while (!done.Token.WaitHandle.WaitOne(10))
                most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: false));
        });
        watch.Start();
        var started = Stopwatch.GetTimestamp();
        work();
        var took = Stopwatch.GetElapsedTime(started);
        done.Cancel();
        watch.Join();
        return (took, (most - before) / 1024.0 / 1024.0);
    }
}
