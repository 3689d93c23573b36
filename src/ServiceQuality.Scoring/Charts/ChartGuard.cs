namespace ServiceQuality.Scoring.Charts;

/// <summary>What a chart refuses.</summary>
internal static class ChartGuard
{
    public static void Check(ChartDesign design, IReadOnlyList<Observation> data)
    {
        Positive(design.Sigma, "Sigma");
        if (design.Center is { } center && !double.IsFinite(center))
            throw new ArgumentException("The centre line must be a number.", nameof(design));
        if (design.Baseline is < 2)
            throw new ArgumentException("The baseline must have two points at least.", nameof(design));
        if (design.Type is ChartType.P or ChartType.PPrime && design.Center is < 0 or > 1)
            throw new ArgumentException("The centre line of a share is 0 to 1.", nameof(design));
        if (design.Type == ChartType.U && design.Center < 0)
            throw new ArgumentException("The centre line of a rate is not negative.", nameof(design));
        if (design is { Type: ChartType.P or ChartType.U, Sigma: not null })
            throw new ArgumentException("A p or u chart takes its σ from the centre line and the sizes.", nameof(design));
        if (design.Type is ChartType.Ewma or ChartType.Cusum)
            CheckMemory(design);
        for (var i = 0; i < data.Count; i++)
            Check(design.Type, data[i], i);
    }

    /// <summary>Whether there is a point: both numbers where two are needed, and something inspected.</summary>
    public static bool IsPresent(ChartType type, Observation point) => point.Value is not null && (!HasSizes(type) || point.Size > 0);

    public static bool HasSizes(ChartType type) => type is ChartType.P or ChartType.U or ChartType.PPrime;

    private static void CheckMemory(ChartDesign design)
    {
        if (design.Rules is { } rules && rules != RuleSet.ThreeSigma)
            throw new ArgumentException("Run rules do not apply to EWMA and CUSUM: their successive points depend on each other.", nameof(design));
        if (design.Lambda is not (> 0 and <= 1))
            throw new ArgumentException("λ must be above 0 and at most 1.", nameof(design));
        Positive(design.Width, "L");
        Positive(design.Decision, "h");
        if (!double.IsFinite(design.Slack) || design.Slack < 0)
            throw new ArgumentException("k must be 0 or more.", nameof(design));
    }

    private static void Check(ChartType type, Observation point, int place)
    {
        if (point.Value is { } value && !double.IsFinite(value))
            throw new ArgumentException($"The value at {place} is not finite.", nameof(point));
        if (!HasSizes(type))
            return;
        if (point.Size is { } size && (!double.IsFinite(size) || size < 0))
            throw new ArgumentException($"The size at {place} is not a number of 0 or more.", nameof(point));
        if (point.Value < 0 || (type != ChartType.U && point.Value > point.Size))
            throw new ArgumentException($"The count at {place} is not between 0 and the size.", nameof(point));
    }

    private static void Positive(double? number, string name)
    {
        if (number is { } value && (!double.IsFinite(value) || value <= 0))
            throw new ArgumentException($"{name} must be above 0.", nameof(number));
    }
}
