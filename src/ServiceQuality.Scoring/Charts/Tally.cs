using System.Runtime.InteropServices;

namespace ServiceQuality.Scoring.Charts;

/// <summary>What a measure counted in one bucket, as a control chart or a funnel takes it.</summary>
/// <param name="Value">The measure's value in its unit; null without a sample.</param>
/// <param name="Count">Over the line: hits of a ratio, events of a rate, Σx of a mean.</param>
/// <param name="Size">Under the line: n of a ratio or mean, base of a per-thousand, 1 for a count or sum.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Tally(double? Value, double Count, double Size)
{
    /// <summary>The chart that belongs to a measure: p for shares, u for counts and rates, I-MR for the others.</summary>
    public static ChartType ChartOf(Measure measure) => measure.Aggregator switch
    {
        Aggregator.Ratio => ChartType.P,
        Aggregator.Count or Aggregator.PerThousand => ChartType.U,
        _ => ChartType.IMr,
    };

    /// <summary>Whether tallies of stretches of time can be subtracted from each other: not those of percentiles, newest values and faults.</summary>
    public static bool CanSubtract(Measure measure) => measure.Aggregator is Aggregator.Ratio or Aggregator.Count or Aggregator.PerThousand or Aggregator.Mean or Aggregator.Sum or Aggregator.Gap;

    /// <summary>The tally of a measure in readings. A count is 0, not missing, when anything else happened in the window.</summary>
    public static Tally Of(Measure measure, Readings readings)
    {
        var value = Reading.Of(measure, readings, interval: false).Value;
        if (measure.Series.Shape == Shape.Faults)
            return new(value, 0, 0);
        ref readonly var cell = ref readings.Cells.Cells[readings.Catalogue.IndexOf(measure)];
        return measure.Aggregator switch
        {
            Aggregator.Ratio => new(value, (double)cell.K / Number.One, cell.N),
            Aggregator.PerThousand => new(value, measure.Series.Shape == Shape.Tally ? cell.N : Number.ToDouble(cell.Sum), readings.Cells.Cells[readings.Catalogue.IndexOf(measure.Base!)].N),
            Aggregator.Count => new(readings.Facts > 0 ? cell.N : null, cell.N, readings.Facts > 0 ? 1 : 0),
            Aggregator.Sum => new(value, Number.ToDouble(cell.Sum), cell.N > 0 ? 1 : 0),
            Aggregator.Mean or Aggregator.Gap => new(value, Number.ToDouble(cell.Sum), cell.N),
            _ => new(value, 0, 0),
        };
    }

    /// <summary>What was counted since an earlier tally of the same measure; only where <see cref="CanSubtract"/>.</summary>
    public Tally Since(Tally earlier, Measure measure)
    {
        var (count, size) = (Count - earlier.Count, measure.Aggregator is Aggregator.Count or Aggregator.Sum ? Size : Size - earlier.Size);
        return new(size > 0 ? count / size * (measure.Aggregator == Aggregator.PerThousand ? 1000 : 1) : null, count, size);
    }

    /// <summary>The tally as a point of a chart.</summary>
    public Observation ObservationFor(ChartType type) => ChartGuard.HasSizes(type) ? Size > 0 ? new(Count, Size) : default : new(Value);
}
