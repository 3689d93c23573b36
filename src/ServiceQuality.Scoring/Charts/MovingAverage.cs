namespace ServiceQuality.Scoring.Charts;

/// <summary>The EWMA chart: z = λ x + (1 − λ) z, from the centre line; limits ± L σ √(λ/(2 − λ) (1 − (1 − λ)^2i)), exact for the i-th point.</summary>
internal static class MovingAverage
{
    public static ControlChart Draw(ChartDesign design, IReadOnlyList<Observation> data)
    {
        var level = Level.Of(design, data);
        var (points, signals) = (new ChartPoint[data.Count], new List<Signal>());
        var (average, since) = (0.0, 0);
        for (var i = 0; i < points.Length; i++)
        {
            if (data[i].Value is not { } value || level.Reason is not null)
            {
                points[i] = new(null, null, null, null);
                since = 0;
                continue;
            }
            average = (design.Lambda * value) + ((1 - design.Lambda) * (since++ == 0 ? level.Center!.Value : average));
            var sigma = level.Sigma!.Value * Math.Sqrt(design.Lambda / (2 - design.Lambda) * (1 - Math.Pow(1 - design.Lambda, 2 * since)));
            var z = (average - level.Center!.Value) / sigma;
            points[i] = new(average, level.Center - (design.Width * sigma), level.Center + (design.Width * sigma), z);
            if (Math.Abs(z) > design.Width)
                signals.Add(new(i, "limit", 1, z > 0 ? SignalSide.Upper : SignalSide.Lower, [i], SignalEvidence.TwoSided(z)));
        }
        return new(design, points, level.Center, level.Sigma, null, signals, level.Reason, level.Estimated);
    }
}
