namespace ServiceQuality.Scoring;

/// <summary>
/// The statistics of an equal roll-up: those of every unit scaled to the same mass, so that every unit with data counts once, and added. Scaling happens once, to one
/// unit; after that they are whole numbers like any other, and merging is exact.
/// </summary>
/// <param name="Cells">The scaled cells.</param>
/// <param name="Spread">Σ mass² / n over the units with data, by series.</param>
/// <param name="Steps">The scaled months and weeks; null when no series is taken apart.</param>
internal sealed record EqualMass(CellTable Cells, Int128[] Spread, StepTable? Steps)
{
    private const long Mass = 1_000_000;

    /// <summary>Of no unit yet.</summary>
    public static EqualMass Empty(MeasureCatalogue catalogue) =>
        new(new(catalogue.Series), new Int128[catalogue.Series.Length], catalogue.SteppedSeries.Length == 0 ? null : new());

    /// <summary>Of one unit.</summary>
    public static EqualMass Of(MeasureCatalogue catalogue, CellTable cells, StepTable? steps)
    {
        var scaled = new CellTable(catalogue.Series);
        var spread = new Int128[catalogue.Series.Length];
        for (var i = 0; i < spread.Length; i++)
        {
            ref readonly var cell = ref cells.Cells[i];
            if (cell.N == 0)
                continue;
            ref var to = ref scaled.Cells[i];
            spread[i] = Int128.Max(1, (Int128)Mass * Mass / cell.N);
            switch (catalogue.Series[i].Shape)
            {
                case Shape.Last:
                    to = cell;
                    break;
                case Shape.Sketch:
                    var (sketch, from) = (scaled.SketchOf(i), cells.Sketches[i]!);
                    for (var bin = 0; bin < from.Length; bin++)
                    {
                        var count = (long)Number.Scale(from[bin], Mass, cell.N);
                        if (count > 0)
                            sketch.Add(from.Low + bin, count);
                        to.N += count;
                    }
                    break;
                default:
                    to.N = Mass;
                    to.K = (long)Number.Scale(cell.K, Mass, cell.N);
                    to.Sum = Number.Scale(cell.Sum, Mass, cell.N);
                    to.Squares = Number.Scale(cell.Squares, Mass, cell.N);
                    break;
            }
        }
        return new(scaled, spread, steps?.Scaled(Mass));
    }

    /// <summary>Adds more units.</summary>
    public void Add(EqualMass other)
    {
        Cells.Add(other.Cells);
        Steps?.Add(other.Steps!);
        for (var i = 0; i < Spread.Length; i++)
            Spread[i] += other.Spread[i];
    }

    /// <summary>The sample that intervals use, (Σ m)² / Σ (m²/n); null for a series that no unit has data of.</summary>
    public double? EffectiveSample(int series)
    {
        if (Spread[series] == 0)
            return null;
        var mass = (double)Cells.Cells[series].N;
        return mass * mass / (double)Spread[series];
    }
}
