namespace ServiceQuality.Scoring.Charts;

/// <summary>Target and σ of the charts with memory, given or estimated as for individual values.</summary>
internal sealed record Level(double? Center, double? Sigma, int Estimated, string? Reason)
{
    public static Level Of(ChartDesign design, IReadOnlyList<Observation> data)
    {
        if (design is { Center: { } center, Sigma: { } sigma })
            return new(center, sigma, 0, data.Any(point => point.Value is not null) ? null : "no-data");
        var individuals = ControlChart.Of(new(ChartType.IMr) { Baseline = design.Baseline, Center = design.Center, Sigma = design.Sigma }, data);
        return new(individuals.Center, individuals.Sigma, individuals.Estimated, individuals.Reason);
    }
}
