using System.Collections.Concurrent;
using System.Globalization;
using ServiceQuality.EndToEnd.Chaos;

[assembly: AssemblyFixture(typeof(ChaosReport))]

namespace ServiceQuality.EndToEnd.Chaos;

/// <summary>What a drill did to the suite.</summary>
public sealed record Harm
{
    /// <summary>Processes ended with SIGKILL, and database connections terminated.</summary>
    public int Kills { get; init; }

    /// <summary>Lines cut, silenced or slowed.</summary>
    public int Cuts { get; init; }

    /// <summary>Brokers paused.</summary>
    public int Pauses { get; init; }
}

/// <summary>One closing line for all drills of a run, printed when SQ_CHAOS asks for their long form.</summary>
public sealed class ChaosReport : IDisposable
{
    private readonly ConcurrentQueue<(string Name, int Facts, Harm Harm, TimeSpan Took, bool Held)> _drills = new();

    /// <summary>True when <c>./build.sh chaos</c> runs.</summary>
    public static bool IsLong => Environment.GetEnvironmentVariable("SQ_CHAOS") == "long";

    /// <summary>Notes one drill.</summary>
    public void Add(string name, int facts, Harm harm, TimeSpan took, bool held) => _drills.Enqueue((name, facts, harm, took, held));

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!IsLong || _drills.IsEmpty)
            return;
        var broken = _drills.Where(drill => !drill.Held).Select(drill => drill.Name).ToList();
        System.Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"chaos: {_drills.Count} drills, {_drills.Sum(drill => drill.Facts)} facts accepted, {_drills.Sum(drill => drill.Harm.Kills)} kills, {_drills.Sum(drill => drill.Harm.Cuts)} line faults, {_drills.Sum(drill => drill.Harm.Pauses)} broker pauses, {_drills.Sum(drill => drill.Took.TotalSeconds):0} s: {(broken.Count == 0 ? "every invariant held" : $"BROKEN in {string.Join("; ", broken)}")}"));
    }
}
