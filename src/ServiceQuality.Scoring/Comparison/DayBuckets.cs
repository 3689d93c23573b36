using System.Numerics;
using System.Runtime.InteropServices;

namespace ServiceQuality.Scoring.Comparison;

/// <summary>
/// The days of a unit as flat rows, one number a day, so that taking each day so many times is a product of two rows: the score of drawn days without merging any bucket. It is the
/// score that <see cref="Scorer"/> gives <see cref="Readings.MergeDays"/> of these days. Inspections that are mixed by month are not additive: they are merged, once for each way in
/// which the few days that have any may be drawn.
/// </summary>
internal sealed class DayBuckets
{
    private readonly Leaf[] leaves;
    private readonly Branch root;

    /// <summary>Takes what the indicators need; the readings are not held, except those of mixed inspections.</summary>
    public DayBuckets(Scheme scheme, IReadOnlyList<Readings?> days)
    {
        var width = Padded(days.Count);
        var places = new Dictionary<Indicator, int>(ReferenceEqualityComparer.Instance);
        leaves = [.. scheme.Indicators.Select((indicator, i) =>
        {
            places[indicator] = i;
            return LeafOf(indicator.Measure, days, width);
        })];
        root = new(scheme.Root, places);
    }

    /// <summary>Length of a row: whole vectors.</summary>
    public static int Padded(int days) => (days + Vector<double>.Count - 1) / Vector<double>.Count * Vector<double>.Count;

    /// <summary>The score when each day is taken so many times; null when no indicator has data.</summary>
    /// <param name="times">How often each day is taken; as long as <see cref="Padded"/> says.</param>
    public double? Score(double[] times) => root.Points(leaves, times) is { } points ? Math.Clamp(points, 0, 100) : null;

    private static Leaf LeafOf(Measure measure, IReadOnlyList<Readings?> days, int width)
    {
        if (days.OfType<Readings>().FirstOrDefault() is not { } first || !first.Catalogue.Holds(measure))
            return new NoLeaf();
        if (measure.Aggregator == Aggregator.Blend)
            return new MergedLeaf(measure, days);
        var (catalogue, i) = (first.Catalogue, first.Catalogue.IndexOf(measure));
        double[] Row(Func<Readings, double> of)
        {
            var row = new double[width];
            for (var day = 0; day < days.Count; day++)
                row[day] = days[day] is { } readings ? of(readings) : 0;
            return row;
        }
        switch (measure.Series.Shape)
        {
            case Shape.Faults:
                return new FaultLeaf(measure.Aggregator, [
                    Row(day => day.Faults[i].Repairs), Row(day => (double)day.Faults[i].RepairTime), Row(day => day.Faults[i].Failures), Row(day => (double)day.Faults[i].Down), Row(day => (double)day.Faults[i].Watched)]);
            case Shape.Latest:
                var place = Array.IndexOf(catalogue.LatestSeries, i);
                return new QuotientLeaf(Row(day => (double)day.Latest[place].Sum), Row(day => (double)day.Latest[place].Whole), Row(day => day.Latest[place].States), 1, IsShare: false);
            case Shape.Last:
                return new NewestLeaf(days, i);
        }
        double[] n = Row(day => day.Cells.Cells[i].N), sum = Row(day => Number.ToDouble(day.Cells.Cells[i].Sum));
        switch (measure.Aggregator)
        {
            case Aggregator.PerThousand:
                var under = catalogue.IndexOf(measure.Base!);
                var below = Row(day => day.Cells.Cells[under].N);
                return new QuotientLeaf(measure.Series.Shape == Shape.Tally ? n : sum, below, below, 1000, IsShare: false);
            case Aggregator.Ratio:
                return new QuotientLeaf(Row(day => (double)day.Cells.Cells[i].K / Number.One), n, n, 1, IsShare: true);
            case Aggregator.Count:
                return new SumLeaf(n, n);
            case Aggregator.Sum:
                return new SumLeaf(sum, n);
            case Aggregator.Percentile:
                return new PercentileLeaf(measure.Quantile, days, i, width, n);
            default:
                return new QuotientLeaf(sum, n, n, 1, IsShare: false);
        }
    }

    private static double Dot(double[] times, double[] row)
    {
        var sum = Vector<double>.Zero;
        for (var i = 0; i < row.Length; i += Vector<double>.Count)
            sum += new Vector<double>(times, i) * new Vector<double>(row, i);
        return Vector.Sum(sum);
    }

    /// <summary>A value with its sample; no value without a sample.</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Drawn(double Value, double Sample);

    /// <summary>An indicator's value of drawn days.</summary>
    private abstract class Leaf
    {
        public abstract Drawn? Of(double[] times);
    }

    private sealed class NoLeaf : Leaf
    {
        public override Drawn? Of(double[] times) => null;
    }

    private sealed class QuotientLeaf(double[] over, double[] under, double[] sample, double scale, bool IsShare) : Leaf
    {
        public override Drawn? Of(double[] times)
        {
            var below = Dot(times, under);
            if (below == 0)
                return null;
            var value = scale * Dot(times, over) / below;
            return new(IsShare ? Math.Clamp(value, 0, 1) : value, ReferenceEquals(sample, under) ? below : Dot(times, sample));
        }
    }

    private sealed class SumLeaf(double[] sum, double[] sample) : Leaf
    {
        public override Drawn? Of(double[] times) => Dot(times, sample) is var n and > 0 ? new(ReferenceEquals(sum, sample) ? n : Dot(times, sum), n) : null;
    }

    /// <summary>Each row counts what lies in a bin or below it: the bin of a rank is found by halving.</summary>
    private sealed class PercentileLeaf : Leaf
    {
        private readonly double quantile;
        private readonly double[] sample;
        private readonly double[] values;
        private readonly double[][] upTo;

        public PercentileLeaf(double quantile, IReadOnlyList<Readings?> days, int series, int width, double[] sample)
        {
            (this.quantile, this.sample) = (quantile, sample);
            var counts = new SortedDictionary<int, double[]>();
            for (var day = 0; day < days.Count; day++)
            {
                if (days[day]?.Cells.Sketches[series] is not { } sketch)
                    continue;
                for (var bin = 0; bin < sketch.Length; bin++)
                {
                    if (sketch[bin] == 0)
                        continue;
                    if (!counts.TryGetValue(sketch.Low + bin, out var row))
                        counts[sketch.Low + bin] = row = new double[width];
                    row[day] += sketch[bin];
                }
            }
            values = [.. counts.Keys.Select(Bins.Value)];
            upTo = [.. counts.Values];
            for (var bin = 1; bin < upTo.Length; bin++)
            {
                for (var day = 0; day < width; day++)
                    upTo[bin][day] += upTo[bin - 1][day];
            }
        }

        public override Drawn? Of(double[] times)
        {
            var n = Dot(times, sample);
            if (n == 0)
                return null;
            var rank = Math.Max(1, Math.Ceiling(quantile * n));
            var (low, high) = (0, upTo.Length - 1);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = Dot(times, upTo[middle]) >= rank ? (low, middle) : (middle + 1, high);
            }
            return new(values[low], n);
        }
    }

    private sealed class FaultLeaf(Aggregator aggregator, double[][] rows) : Leaf
    {
        public override Drawn? Of(double[] times)
        {
            Int128 Total(int row) => (Int128)Dot(times, rows[row]);
            var reading = Reading.OfFaults(aggregator, new() { Repairs = (long)Total(0), RepairTime = Total(1), Failures = (long)Total(2), Down = Total(3), Watched = Total(4) }, interval: false);
            return reading.Value is { } value ? new(value, reading.Sample) : null;
        }
    }

    /// <summary>The newest value of the days that are taken.</summary>
    private sealed class NewestLeaf : Leaf
    {
        private readonly (int Day, double Value, double Sample)[] newest;

        public NewestLeaf(IReadOnlyList<Readings?> days, int series) =>
            newest = [.. days.Select((day, i) => (Cell: day?.Cells.Cells[series] ?? default, i)).Where(day => day.Cell.N > 0).OrderByDescending(day => (day.Cell.K, day.Cell.Sum, day.Cell.Squares))
                .Select(day => (day.i, Number.ToDouble(day.Cell.Squares), (double)day.Cell.N))];

        public override Drawn? Of(double[] times)
        {
            var (value, sample) = (default(double?), 0.0);
            foreach (var (day, own, n) in newest)
            {
                if (times[day] == 0)
                    continue;
                value ??= own;
                sample += times[day] * n;
            }
            return value is { } found ? new(found, sample) : null;
        }
    }

    /// <summary>What is not additive: days merged as they are drawn, remembered by how often each of those with anything is taken. Not for several threads at once.</summary>
    private sealed class MergedLeaf : Leaf
    {
        private readonly Measure measure;
        private readonly (int Day, Readings Readings)[] told;
        private readonly Dictionary<string, Drawn?> known = new(StringComparer.Ordinal);

        public MergedLeaf(Measure measure, IReadOnlyList<Readings?> days)
        {
            this.measure = measure;
            told = [.. days.Select((day, i) => (i, day)).Where(day => day.day is not null && Reading.Of(measure, day.day, interval: false).Reason != "not-assessed").Select(day => (day.i, day.day!))];
        }

        public override Drawn? Of(double[] times)
        {
            if (told.Length == 0)
                return null;
            var key = string.Create(told.Length, (told, times), static (key, state) =>
            {
                for (var i = 0; i < key.Length; i++)
                    key[i] = (char)state.times[state.told[i].Day];
            });
            if (known.TryGetValue(key, out var found))
                return found;
            List<Readings> taken = [.. told.SelectMany(day => Enumerable.Repeat(day.Readings, (int)times[day.Day]))];
            found = taken.Count > 0 && Reading.Of(measure, Readings.MergeDays(taken), interval: false) is { Value: { } value } reading ? new(value, reading.Sample) : null;
            return known[key] = found;
        }
    }

    /// <summary>A node of the scheme with what its children are worth and what stands for one without data.</summary>
    private sealed class Branch
    {
        private readonly int leaf = -1;
        private readonly Indicator? indicator;
        private readonly (Branch Child, double Weight)[] children = [];
        private readonly double? substitute;

        public Branch(SchemeNode node, Dictionary<Indicator, int> places)
        {
            if (node is Indicator own)
            {
                (indicator, leaf) = (own, places[own]);
                return;
            }
            var family = (Family)node;
            children = [.. family.Children.Where(child => child.Weight > 0).Select(child => (new Branch(child, places), child.Weight))];
            // Nothing is held in drawn days: what was before them is not drawn.
            substitute = family.Missing.Kind switch { MissingKind.Redistribute => null, MissingKind.Zero => 0, _ => family.Missing.Points };
        }

        public double? Points(Leaf[] leaves, double[] times)
        {
            if (indicator is not null)
                return leaves[leaf].Of(times) is { } drawn && drawn.Sample >= indicator.MinimumSample ? indicator.Standard.Points(drawn.Value) : null;
            var (sum, weight, missing) = (0.0, 0.0, 0.0);
            foreach (var (child, own) in children)
            {
                if (child.Points(leaves, times) is { } points)
                    (sum, weight) = (sum + (own * points), weight + own);
                else
                    missing += own;
            }
            return weight == 0 ? null : substitute is { } stands ? (sum + (missing * stands)) / (weight + missing) : sum / weight;
        }
    }
}
