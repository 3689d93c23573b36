using System.Runtime.InteropServices;

namespace ServiceQuality.Scoring;

/// <summary>The value of a blend (<see cref="Aggregator.Blend"/>).</summary>
internal static class Blending
{
    private const string Insufficient = "insufficient-sample";
    private const string NotAssessed = "not-assessed";

    public static Reading Of(Measure measure, Readings readings, bool interval)
    {
        var mixer = new Mixer(measure, readings);
        var blended = measure.Each == Step.None ? mixer.Mix(null) : Mean([.. mixer.Months().Select(mixer.Mix).OfType<Estimate>()]);
        if (blended is not { } found)
            return new(null, null, 0, Reason: mixer.Marks.Contains(Insufficient) ? Insufficient : NotAssessed);
        return new(found.Value, interval ? Interval(measure, found) : null, found.Sample, Marks: mixer.Marks.Count == 0 ? null : [.. mixer.Marks]);
    }

    /// <summary>The mean of months or weeks. Two or more speak for themselves: what differs within them differs between them too.</summary>
    private static Estimate? Mean(List<Estimate> parts)
    {
        if (parts.Count < 2)
            return parts.Count == 0 ? null : parts[0];
        double sum = 0, squares = 0;
        long sample = 0;
        foreach (var part in parts)
        {
            sum += part.Value;
            sample += part.Sample;
        }
        var mean = sum / parts.Count;
        foreach (var part in parts)
            squares += (part.Value - mean) * (part.Value - mean);
        return new(mean, squares / (parts.Count - 1) / parts.Count, parts.Count - 1, sample);
    }

    private static ValueInterval Interval(Measure measure, Estimate found)
    {
        if (found.Variance is not { } variance)
            return default;
        var half = variance > 0 ? Statistics.StudentQuantile(found.Freedom) * Math.Sqrt(variance) : 0;
        var isShare = measure.Parts.All(p => p.Measure.Aggregator == Aggregator.Ratio);
        return isShare ? new(Math.Max(0, found.Value - half), Math.Min(1, found.Value + half)) : new(found.Value - half, found.Value + half);
    }

    /// <summary>A value with the variance of its estimate.</summary>
    /// <param name="Value">The value.</param>
    /// <param name="Variance">Null when nothing is known of it: a single fact.</param>
    /// <param name="Freedom">Degrees of freedom of the variance, ≥ 1.</param>
    /// <param name="Sample">Facts behind it.</param>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Estimate(double Value, double? Variance, double Freedom, long Sample);

    private sealed class Mixer(Measure measure, Readings readings)
    {
        private readonly MeasureCatalogue catalogue = readings.Catalogue;

        public SortedSet<string> Marks { get; } = new(StringComparer.Ordinal);

        /// <summary>The months in which any part has facts, ascending.</summary>
        public IEnumerable<int?> Months() => measure.Parts.SelectMany(part => readings.Steps!.Of(catalogue.IndexOf(part.Series))).Select(step => Steps.MonthOf(step.Step))
            .Distinct().Order().Select(month => (int?)month);

        /// <summary>The parts mixed, of one month or of the whole window.</summary>
        public Estimate? Mix(int? month)
        {
            double weights = 0, sum = 0, welch = 0;
            double? variance = 0;
            long sample = 0;
            var absent = new List<string>();
            foreach (var part in measure.Parts)
            {
                var (found, tooFew) = Value(part, month);
                if (found is not { } value)
                {
                    if (!tooFew && part.Absent is { } mark)
                        absent.Add(mark);
                    continue;
                }
                weights += part.Weight;
                sum += part.Weight * value.Value;
                sample += value.Sample;
                var own = part.Weight * part.Weight * value.Variance;
                variance += own;
                welch += own is { } v ? v * v / value.Freedom : 0;
            }
            if (weights == 0)
                return null;
            Marks.UnionWith(absent);
            var freedom = variance is { } all && welch > 0 ? Math.Max(1, all * all / welch) : 1;
            return new(sum / weights, variance / weights / weights, freedom, sample);
        }

        private (Estimate? Value, bool TooFew) Value(BlendPart part, int? month)
        {
            var i = catalogue.IndexOf(part.Series);
            if (part.Series.Step == Step.None)
                return Valid(part, readings.Cells.Cells[i].N, group => readings.Cells.Cells[catalogue.IndexOf(group)].N, () => Whole(i, readings.Cells.Cells[i].N));
            var tooFew = false;
            var months = new List<Estimate>();
            foreach (var steps in readings.WeightedSteps!.Of(i).Where(s => month is null || Steps.MonthOf(s.Step) == month).GroupBy(s => Steps.MonthOf(s.Step)))
            {
                var weeks = new List<Estimate>();
                foreach (var (step, cell) in steps)
                {
                    var sample = readings.Steps!.Count(i, step);
                    var (value, few) = Valid(part, sample, group => readings.Steps.Count(catalogue.IndexOf(group), step), () => Of(i, cell, sample));
                    tooFew |= few;
                    if (value is { } valid)
                        weeks.Add(valid);
                }
                if (Mean(weeks) is { } mean)
                    months.Add(mean);
            }
            return (Mean(months), tooFew);
        }

        /// <summary>A sample that is too small, or lacks a quota group, says nothing (MON-18).</summary>
        private (Estimate? Value, bool TooFew) Valid(BlendPart part, long sample, Func<Series, long> count, Func<Estimate> estimate)
        {
            if (sample == 0)
                return (null, false);
            if (sample >= part.MinimumSample && part.GroupSeries.All(group => count(group) > 0))
                return (estimate(), false);
            Marks.Add(Insufficient);
            return (null, true);
        }

        private Estimate Whole(int i, long sample)
        {
            ref readonly var cell = ref readings.Weighted.Cells[i];
            return Of(i, cell.N, cell.K, cell.Sum, cell.Squares, readings.EffectiveSample(i), sample);
        }

        private Estimate Of(int i, StepCell cell, long sample) => Of(i, cell.N, cell.K, cell.Sum, cell.Squares, cell.Effective, sample);

        private Estimate Of(int i, long n, long k, Int128 sum, Int128 squares, double effective, long sample)
        {
            var isShare = catalogue.Series[i].Shape == Shape.Tally;
            var value = isShare ? Math.Clamp((double)k / Number.One / n, 0, 1) : Number.ToDouble(sum) / n;
            var variance = isShare ? value * (1 - value) : Reading.Variance(sum, squares, n, Number.One);
            return effective < 2 ? new(value, null, 1, sample) : new(value, variance / (effective - 1), effective - 1, sample);
        }
    }
}
