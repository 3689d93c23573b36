using System.Runtime.InteropServices;
using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Scoring;

/// <summary>A fact and what it cost the score.</summary>
/// <param name="Fact">The fact.</param>
/// <param name="Cost">Points of the score, ≥ 0. The costs of all facts of a leaf sum to what the leaf cost.</param>
/// <param name="Value">The number of the fact that the measure looks at, or the seconds of an outage; null where a fact only counts.</param>
public readonly record struct CostlyFact(Fact Fact, double Cost, double? Value);

/// <summary>
/// The facts that cost the most (scoring.md §5). What a leaf lost is shared among its facts in proportion to how far each is on the wrong side:
/// distance from the best values (mean, percentile, sum, last, gap), a miss (ratio), the number counted (per-thousand, count), the seconds of a repair or an outage, a failure.
/// </summary>
public static class WorstFacts
{
    /// <summary>The worst facts of a leaf, costliest first, ties by journal position.</summary>
    /// <param name="leaf">A scored leaf; another gives an empty list.</param>
    /// <param name="window">The window of the score.</param>
    /// <param name="facts">Facts of one journal in the order of seq, at least those of the window (for faults: also earlier ones still open); others are skipped. Read once.</param>
    /// <param name="count">How many.</param>
    public static IReadOnlyList<CostlyFact> Of(LeafScore leaf, PeriodWindow window, IEnumerable<Fact> facts, int count = 5)
    {
        if (leaf.State != LeafState.Scored || leaf.Contribution >= 0 || count < 1)
            return [];
        var worst = new PriorityQueue<(Fact Fact, double Blame, double? Value), (double, long)>();
        double blames = 0;
        var series = leaf.Indicator.Measure.Series;
        var blamed = leaf.Indicator.Measure.Aggregator == Aggregator.Blend ? OfBlend(leaf.Indicator, window, facts)
            : series.Shape switch
            {
                Shape.Faults => OfFaults(leaf.Indicator, window, facts),
                Shape.Latest => OfLatest(leaf.Indicator, window, facts),
                _ => OfServices(leaf.Indicator, window, facts),
            };
        foreach (var (fact, blame, value) in blamed)
        {
            blames += blame;
            if (worst.Count < count)
                worst.Enqueue((fact, blame, value), (blame, -fact.Seq));
            else
                worst.EnqueueDequeue((fact, blame, value), (blame, -fact.Seq));
        }
        return [.. worst.UnorderedItems.Select(i => i.Element).OrderByDescending(i => i.Blame).ThenBy(i => i.Fact.Seq)
            .Select(i => new CostlyFact(i.Fact, -leaf.Contribution * (i.Blame / blames), i.Value))];
    }

    private static IEnumerable<(Fact Fact, double Blame, double? Value)> OfServices(Indicator indicator, PeriodWindow window, IEnumerable<Fact> facts)
    {
        var (series, standard) = (indicator.Measure.Series, indicator.Standard);
        // Of a share or a count it only matters which way is better.
        var higherIsBetter = standard.Breakpoints[^1].Points >= standard.Breakpoints[0].Points;
        (Fact Fact, double Blame, double? Value)? last = null;
        foreach (var fact in facts)
        {
            if (!IsIn(window, fact) || !series.Concerns(fact.Data))
                continue;
            var number = series.NumberOf(fact.Data);
            double? value = number == Number.Missing ? null : Number.ToDouble(number);
            double blame;
            switch (indicator.Measure.Aggregator)
            {
                case Aggregator.Ratio:
                    if ((series.Hit is { } hit ? hit.Verdict(fact.Data) switch { true => 1.0, false => 0.0, null => (double?)null } : value) is not { } share)
                        continue;
                    value ??= series.Hit!.Ranges is [var range, ..] && range.Field.Of(fact.Data) is var asked && asked != Number.Missing ? Number.ToDouble(asked) : null;
                    blame = higherIsBetter ? 1 - Math.Clamp(share, 0, 1) : Math.Clamp(share, 0, 1);
                    break;
                case Aggregator.PerThousand or Aggregator.Count:
                    blame = higherIsBetter ? 0 : Math.Abs(value ?? (series.Value is null ? 1 : 0));
                    break;
                default:
                    if (value is not { } x)
                        continue;
                    blame = Distance(standard, x);
                    break;
            }
            if (!(blame > 0))
                continue;
            if (fact.Data is Measurement { Count: > 1 } many)
                blame *= many.Count.Value;
            if (indicator.Measure.Aggregator != Aggregator.Last)
                yield return (fact, blame, value);
            else if (last is not { } newest || fact.Time >= newest.Fact.Time)
                last = (fact, blame, value);
        }
        if (last is { } only)
            yield return only;
    }

    /// <summary>Distance from the best values, times the weight of the part.</summary>
    private static IEnumerable<(Fact Fact, double Blame, double? Value)> OfBlend(Indicator indicator, PeriodWindow window, IEnumerable<Fact> facts)
    {
        foreach (var fact in facts.Where(f => IsIn(window, f)))
        {
            foreach (var part in indicator.Measure.Parts.Where(p => p.Series.Concerns(fact.Data)))
            {
                var number = part.Series.NumberOf(fact.Data);
                double? value = number != Number.Missing ? Number.ToDouble(number) : part.Series.Hit?.Verdict(fact.Data) switch { true => 1, false => 0, null => null };
                if (value is { } x && part.Weight * Distance(indicator.Standard, x) is var blame and > 0)
                    yield return (fact, blame, value);
            }
        }
    }

    /// <summary>Of every state the newest fact, however old; distance from the best values, of coverage that of its share.</summary>
    private static IEnumerable<(Fact Fact, double Blame, double? Value)> OfLatest(Indicator indicator, PeriodWindow window, IEnumerable<Fact> facts)
    {
        var states = facts.Where(f => f.Time < window.To || (f.Time == window.To && window.To == window.AsOf)).GroupBy(f => LatestLog.KeyOf(f.Data)).Where(g => g.Key is not null);
        foreach (var fact in states.Select(state => state.MaxBy(f => (f.Time.UtcTicks, f.Seq))))
        {
            var series = indicator.Measure.Series;
            if (!series.Concerns(fact.Data) || series.NumberOf(fact.Data) is var number && number == Number.Missing || series.Value!.Value.WholeOf(fact.Data) is var whole && whole == 0)
                continue;
            var value = (double)number / whole;
            if (Distance(indicator.Standard, value) is var blame and > 0)
                yield return (fact, blame, value);
        }
    }

    private static bool IsIn(PeriodWindow window, in Fact fact) =>
        fact.Time >= window.From && (fact.Time < window.To || (fact.Time == window.To && window.To == window.AsOf));

    private static double Distance(Standard standard, double x) => x < standard.BestFrom ? standard.BestFrom - x : x > standard.BestTo ? x - standard.BestTo : 0;

    private static IEnumerable<(Fact Fact, double Blame, double? Value)> OfFaults(Indicator indicator, PeriodWindow window, IEnumerable<Fact> facts)
    {
        var (from, to, closed) = (window.From.UtcTicks, window.To.UtcTicks, window.To == window.AsOf);
        foreach (var fault in facts.Where(f => indicator.Measure.Series.Concerns(f.Data) && f.Time <= window.AsOf).GroupBy(f => KeyOf(f.Data)))
        {
            var marks = fault.ToLookup(f => (f.Time.UtcTicks << 1) | (f.Data is FaultRestored ? 1L : 0L));
            foreach (var outage in FaultLog.Outages([.. marks.Select(m => m.Key).Order()]))
            {
                var seen = new FaultTotals();
                seen.Add(outage, from, to, closed);
                var opened = marks[outage.Start << 1].First();
                switch (indicator.Measure.Aggregator)
                {
                    case Aggregator.Mttr when seen.Repairs > 0:
                        yield return (marks[(outage.End!.Value << 1) | 1].First(), Seconds(seen.RepairTime), Seconds(seen.RepairTime));
                        break;
                    case Aggregator.Mtbf or Aggregator.FailureRate when seen.Failures > 0:
                        yield return (opened, 1, null);
                        break;
                    case Aggregator.Availability when seen.Down > 0:
                        yield return (opened, Seconds(seen.Down), Seconds(seen.Down));
                        break;
                }
            }
        }

        static double Seconds(Int128 ticks) => (double)ticks / TimeSpan.TicksPerSecond;

        static (string, string) KeyOf(FactData data) => data is FaultOpened opened ? (opened.Asset, opened.Fault) : (((FaultRestored)data).Asset, ((FaultRestored)data).Fault);
    }
}
