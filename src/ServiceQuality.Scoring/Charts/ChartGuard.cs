namespace ServiceQuality.Scoring.Charts;

/// <summary>What a chart refuses.</summary>
internal static class ChartGuard
{
    /// <summary>Squares and sums of larger numbers could leave the range of numbers.</summary>
    private const double Largest = 1e150;

    public static void Check(ChartDesign design, IReadOnlyList<Observation> data)
    {
        Positive(design.Sigma, "Sigma");
        if (design.Center is { } center && !double.IsFinite(center))
            throw new ChartRefusal("center-not-finite", "The centre line must be a number.");
        if (design.Baseline is < 2)
            throw new ChartRefusal("baseline-short", "The baseline must have two points at least.");
        if (design.Type is ChartType.P or ChartType.PPrime && design.Center is < 0 or > 1)
            throw new ChartRefusal("center-not-share", "The centre line of a share is 0 to 1.");
        if (design.Type == ChartType.U && design.Center < 0)
            throw new ChartRefusal("center-negative", "The centre line of a rate is not negative.");
        if (design is { Type: ChartType.P or ChartType.U, Sigma: not null })
            throw new ChartRefusal("sigma-not-taken", "A p or u chart takes its σ from the centre line and the sizes.");
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
            throw new ChartRefusal("rules-not-taken", "Run rules do not apply to EWMA and CUSUM: their successive points depend on each other.");
        if (design.Lambda is not (> 0 and <= 1))
            throw new ChartRefusal("lambda-out-of-range", "λ must be above 0 and at most 1.");
        Positive(design.Width, "L");
        Positive(design.Decision, "h");
        if (!double.IsFinite(design.Slack) || design.Slack < 0)
            throw new ChartRefusal("slack-negative", "k must be 0 or more.");
    }

    private static void Check(ChartType type, Observation point, int place)
    {
        if (point.Value is { } value && !(Math.Abs(value) <= Largest))
            throw new ChartRefusal("value-too-large", $"The value of point {place + 1} is not between −1e150 and 1e150.", $"{place + 1}");
        if (!HasSizes(type))
            return;
        if (point.Size is { } size && !(size is >= 0 and <= Largest))
            throw new ChartRefusal("size-invalid", $"The size of point {place + 1} is not a number of 0 or more.", $"{place + 1}");
        if (point.Value < 0 || (type != ChartType.U && point.Value > point.Size))
            throw new ChartRefusal("count-out-of-range", $"The count of point {place + 1} is not between 0 and the size.", $"{place + 1}");
    }

    private static void Positive(double? number, string name)
    {
        if (number is { } value && (!double.IsFinite(value) || value <= 0))
            throw new ChartRefusal("not-positive", $"{name} must be above 0.", name);
    }
}
