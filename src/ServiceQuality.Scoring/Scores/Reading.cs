using System.Numerics;
using System.Runtime.InteropServices;

namespace ServiceQuality.Scoring;

/// <summary>A measure's value over a window.</summary>
/// <param name="Value">The value; null without a sample.</param>
/// <param name="Interval">95 % interval.</param>
/// <param name="Sample">Size of the sample.</param>
/// <param name="LowerBound">Only a lower bound.</param>
/// <param name="Reason">Why there is no value.</param>
/// <param name="Marks">What a reader must know of the value, by code; null for nothing.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Reading(
    double? Value, ValueInterval? Interval, long Sample, bool LowerBound = false, string? Reason = null, IReadOnlyList<string>? Marks = null)
{
    /// <summary>Nothing was counted.</summary>
    public static readonly Reading None = new(null, null, 0, Reason: "no-facts");

    /// <summary>The value of a measure in these readings; its interval only where it is asked for.</summary>
    public static Reading Of(Measure measure, Readings readings, bool interval = true)
    {
        if (measure.Aggregator == Aggregator.Blend)
            return Blending.Of(measure, readings, interval);
        var i = readings.Catalogue.IndexOf(measure);
        if (measure.Series.Shape == Shape.Faults)
            return OfFaults(measure.Aggregator, readings.Faults[i], interval);
        if (measure.Series.Shape == Shape.Latest)
            return OfLatest(readings.Latest[Array.IndexOf(readings.Catalogue.LatestSeries, i)]);
        var under = measure.Base is { } count ? readings.Cells.Cells[readings.Catalogue.IndexOf(count)].N : 0;
        return Of(measure, i, readings.Weighted, readings.Cells, readings.EffectiveSample(i), under, readings.Equal is not null ? readings.Units : 1, interval);
    }

    /// <summary>The value of a measure in one table of cells.</summary>
    public static Reading Of(Measure measure, int i, CellTable table, long under) =>
        Of(measure, i, table, table, table.Cells[i].N, under, 1, interval: false);

    private static Reading Of(Measure measure, int i, CellTable weighted, CellTable plain, double effective, long under, int units, bool interval)
    {
        ref readonly var all = ref plain.Cells[i];
        ref readonly var cell = ref weighted.Cells[i];
        if (measure.Aggregator == Aggregator.PerThousand)
            return PerThousand(measure.Series.Shape == Shape.Tally ? all.N : Number.ToDouble(all.Sum), all.N, under, interval);
        if (all.N == 0)
            return None;
        double n = cell.N;
        switch (measure.Aggregator)
        {
            case Aggregator.Ratio:
                var share = Math.Clamp((double)cell.K / Number.One / n, 0, 1);
                var wilson = Statistics.Wilson(share, effective);
                return new(share, new(wilson.Low, wilson.High), all.N);
            case Aggregator.Count:
                if (!interval)
                    return new((double)all.N / units, null, all.N);
                var poisson = Statistics.Poisson(all.N);
                return new((double)all.N / units, new(poisson.Low / units, poisson.High / units), all.N);
            case Aggregator.Sum:
                var sum = Number.ToDouble(all.Sum);
                var compound = Statistics.Compound(sum, (double)all.Squares / Number.One / Number.One);
                return new(sum / units, new(compound.Low / units, compound.High / units), all.N);
            case Aggregator.Percentile:
                return Percentile(measure.Quantile, weighted.Sketches[i]!, all.N, cell.N, effective, interval);
            case Aggregator.Last:
                var last = Number.ToDouble(all.Squares);
                return new(last, new(last, last), all.N);
            default:
                var mean = Number.ToDouble(cell.Sum) / n;
                return new(mean, interval ? Statistics.Student(mean, Variance(cell.Sum, cell.Squares, cell.N, Number.One), effective) : null, all.N);
        }
    }

    private static Reading PerThousand(double hits, long sample, long under, bool interval)
    {
        if (under == 0)
            return new(null, null, 0, Reason: sample == 0 ? "no-facts" : "no-base");
        if (!interval)
            return new(1000 * hits / under, null, under);
        // Amounts that are no counts (fractions, negatives) have no Poisson interval; the nearest that has one is that of their size.
        var poisson = Statistics.Poisson(Math.Max(0, hits));
        return new(1000 * hits / under, new(1000 * poisson.Low / under, 1000 * poisson.High / under), under);
    }

    /// <summary>The value at rank ⌈q n⌉; its interval are the values at the ranks of <see cref="Statistics.QuantileRanks"/>.</summary>
    private static Reading Percentile(double q, Sketch sketch, long sample, long mass, double effective, bool interval)
    {
        var value = AtRank(sketch, Math.Ceiling(q * mass));
        if (!interval)
            return new(value, null, sample);
        var scale = mass / effective;
        var (low, high) = Statistics.QuantileRanks(effective, q);
        return new(
            value,
            new(low < 1 ? null : AtRank(sketch, Math.Max(1, Math.Ceiling(((low - 1) * scale) + 1))), high > effective ? null : AtRank(sketch, Math.Min(mass, Math.Ceiling(high * scale)))),
            sample);
    }

    private static double AtRank(Sketch sketch, double rank)
    {
        long seen = 0;
        var last = 0;
        for (var i = 0; i < sketch.Length; i++)
        {
            if (sketch[i] == 0)
                continue;
            last = i;
            seen += sketch[i];
            if (seen >= rank)
                break;
        }
        return Bins.Value(sketch.Low + last);
    }

    /// <summary>What faults give; its interval only where it is asked for.</summary>
    public static Reading OfFaults(Aggregator aggregator, in FaultTotals faults, bool interval)
    {
        if (faults.Watched == 0)
            return None;
        var watched = Seconds(faults.Watched);
        // Outages that overlap add up, so that several assets at once may be down for longer than the window is.
        var up = Math.Max(0, watched - Seconds(faults.Down));
        switch (aggregator)
        {
            case Aggregator.Mttr:
                if (faults.Repairs == 0)
                    return None;
                var mean = Seconds(faults.RepairTime) / faults.Repairs;
                if (!interval)
                    return new(mean, null, faults.Repairs);
                var repair = Statistics.Student(mean, Variance(faults.RepairTime, faults.RepairSquares, faults.Repairs, TimeSpan.TicksPerSecond), faults.Repairs);
                return new(mean, repair with { Low = repair.Low is { } l ? Math.Max(0, l) : null }, faults.Repairs);
            case Aggregator.FailureRate:
                if (up <= 0)
                    return new(null, null, 0, Reason: "no-base");
                var hours = up / 3600;
                if (!interval)
                    return new(faults.Failures / hours, null, faults.Failures);
                var begun = Statistics.Poisson(faults.Failures);
                return new(faults.Failures / hours, new(begun.Low / hours, begun.High / hours), faults.Failures);
            case Aggregator.Mtbf:
                if (!interval)
                    return new(up / Math.Max(1, faults.Failures), null, faults.Failures, LowerBound: faults.Failures == 0);
                var failures = Statistics.Poisson(faults.Failures);
                return faults.Failures == 0
                    ? new(up, new(up / failures.High, null), 0, LowerBound: true)
                    : new(up / faults.Failures, new(up / failures.High, up / failures.Low), faults.Failures);
            default:
                if (!interval)
                    return new(up / watched, null, faults.Failures);
                var down = Statistics.Compound(Seconds(faults.Down), (double)faults.DownSquares / TimeSpan.TicksPerSecond / TimeSpan.TicksPerSecond);
                return new(up / watched, new(Math.Clamp(1 - (down.High / watched), 0, 1), Math.Clamp(1 - (down.Low / watched), 0, 1)), faults.Failures);
        }
    }

    /// <summary>A full count of what holds: nothing is estimated, so its interval is itself.</summary>
    private static Reading OfLatest(in LatestTotals states)
    {
        if (states.States == 0)
            return None;
        if (states.Whole == 0)
            return new(null, null, 0, Reason: "no-base");
        var value = (double)states.Sum / (double)states.Whole;
        return new(value, new(value, value), states.States);
    }

    private static double Seconds(Int128 ticks) => (double)ticks / TimeSpan.TicksPerSecond;

    /// <summary>Σ(x − mean)² / n, from whole numbers: n Σx² − (Σx)² is exact, so nothing cancels.</summary>
    public static double Variance(Int128 sum, Int128 squares, long n, long unit)
    {
        if (Int128.Abs(sum) >> 62 == 0 && squares <= Int128.MaxValue / n)
            return (double)((squares * n) - (sum * sum)) / n / n / unit / unit;
        var exact = ((BigInteger)squares * n) - ((BigInteger)sum * (BigInteger)sum);
        return Math.Max(0, (double)exact / n / n / unit / unit);
    }
}
