namespace ServiceQuality.Scoring.Charts;

/// <summary>The tabular two-sided CUSUM in the unit of the values: C⁺ = max(0, x − (μ + kσ) + C⁺), C⁻ likewise downwards; the limit is hσ.</summary>
internal static class CumulativeSum
{
    public static ControlChart Draw(ChartDesign design, IReadOnlyList<Observation> data)
    {
        var level = Level.Of(design, data);
        var chance = new Lazy<double>(() => Math.Min(1, 1 / RunLength.Cusum(design.Slack, design.Decision)));
        var (points, signals) = (new ChartPoint[data.Count], new List<Signal>());
        var (upper, lower, upperRun, lowerRun) = (0.0, 0.0, 0, 0);
        for (var i = 0; i < points.Length; i++)
        {
            if (data[i].Value is not { } value || level.Reason is not null)
            {
                points[i] = new(null, null, null, null);
                (upper, lower, upperRun, lowerRun) = (0, 0, 0, 0);
                continue;
            }
            var (slack, limit) = (design.Slack * level.Sigma!.Value, design.Decision * level.Sigma.Value);
            var distance = value - level.Center!.Value;
            upper = Math.Max(0, upper + distance - slack);
            lower = Math.Max(0, lower - distance - slack);
            upperRun = upper > 0 ? upperRun + 1 : 0;
            lowerRun = lower > 0 ? lowerRun + 1 : 0;
            points[i] = new(upper, null, limit, null, LowerSum: lower);
            if (upper > limit)
                signals.Add(Found(SignalSide.Upper, i, upperRun, chance.Value));
            if (lower > limit)
                signals.Add(Found(SignalSide.Lower, i, lowerRun, chance.Value));
        }
        return new(design, points, level.Center, level.Sigma, null, signals, level.Reason, level.Estimated);
    }

    private static Signal Found(SignalSide side, int at, int run, double chance) =>
        new(at, "limit", 1, side, [.. Enumerable.Range(at - run + 1, run)], chance);
}
