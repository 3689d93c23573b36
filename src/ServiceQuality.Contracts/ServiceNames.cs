namespace ServiceQuality.Contracts;

/// <summary>Names of the services, as their queues, databases and addresses begin.</summary>
public static class ServiceNames
{
    /// <summary>The services that take part in the bus: each has an error queue, <c>{name}_error</c>, and all of them are watched.</summary>
    public static IReadOnlyList<string> OnTheBus { get; } = ["gateway", "monitoring", "organisation", "scores"];
}
