using System.Runtime.InteropServices;

namespace ServiceQuality.Scoring;

/// <summary>One point of a standard.</summary>
/// <param name="Value">Value, in the unit of the measure.</param>
/// <param name="Points">Points, 0–100.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Breakpoint(double Value, double Points);

/// <summary>A standard (scoring.md §3): breakpoints, linear between, flat outside; the direction is in the breakpoints.</summary>
public sealed class Standard
{
    internal Standard(IReadOnlyList<Breakpoint> ascending)
    {
        Breakpoints = ascending;
        var best = ascending.Max(b => b.Points);
        BestFrom = ascending[0].Points == best ? double.NegativeInfinity : ascending.First(b => b.Points == best).Value;
        BestTo = ascending[^1].Points == best ? double.PositiveInfinity : ascending.Last(b => b.Points == best).Value;
    }

    /// <summary>At least two, strictly ascending by value.</summary>
    public IReadOnlyList<Breakpoint> Breakpoints { get; }

    /// <summary>The values that earn the most points lie between these two, which may be infinite.</summary>
    internal double BestFrom { get; }

    /// <inheritdoc cref="BestFrom"/>
    internal double BestTo { get; }

    /// <summary>Points of a value.</summary>
    public double Points(double value)
    {
        var points = Breakpoints;
        if (value <= points[0].Value)
            return points[0].Points;
        for (var i = 1; i < points.Count; i++)
        {
            var (right, top) = points[i];
            if (value > right)
                continue;
            var (left, bottom) = points[i - 1];
            return value == right ? top : bottom + ((top - bottom) * ((value - left) / (right - left)));
        }
        return points[^1].Points;
    }

    /// <summary>Fewest and most points over an interval of values; an open end reaches to infinity.</summary>
    public Interval Points(ValueInterval values)
    {
        var low = values.Low is { } from ? Points(from) : Breakpoints[0].Points;
        var high = values.High is { } to ? Points(to) : Breakpoints[^1].Points;
        if (low > high)
            (low, high) = (high, low);
        foreach (var (value, points) in Breakpoints)
        {
            if ((values.Low is { } l && value <= l) || (values.High is { } h && value >= h))
                continue;
            low = Math.Min(low, points);
            high = Math.Max(high, points);
        }
        return new(low, high);
    }
}
