using System.Runtime.InteropServices;
using ServiceQuality.Scores.Branches;

namespace ServiceQuality.Scores.Silo.Movements;

/// <summary>How a <see cref="Scores.Branches.Movement"/> travels.</summary>
[GenerateSerializer, Immutable, StructLayout(LayoutKind.Auto)]
internal readonly struct WireMovement(Movement movement)
{
    [Id(0)] private readonly Guid _unit = movement.Unit;
    [Id(1)] private readonly DateTimeOffset _earliest = movement.Earliest;
    [Id(2)] private readonly long _seq = movement.Seq;
    [Id(3)] private readonly int _written = movement.Written;

    public Movement Movement => new(_unit, _earliest, _seq, _written);
}
