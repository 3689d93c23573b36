namespace ServiceQuality.Scoring;

/// <summary>Readings as bytes: the same readings give the same bytes.</summary>
internal static class SavedReadings
{
    private static readonly byte[] Format = "SQR1"u8.ToArray();

    public static PackedWriter Write(Readings readings)
    {
        var packed = new PackedWriter();
        packed.Bytes(Format);
        packed.Text(readings.Catalogue.Hash);
        packed.Text(readings.Window.Period.ToString());
        packed.Long(readings.Window.From.UtcTicks);
        packed.Long(readings.Window.To.UtcTicks);
        packed.Long(readings.Window.AsOf.UtcTicks);
        packed.Long(readings.Units);
        readings.Cells.Pack(packed);
        foreach (var i in readings.Catalogue.FaultSeries)
        {
            ref readonly var fault = ref readings.Faults[i];
            packed.Long(fault.Repairs);
            packed.Wide(fault.RepairTime);
            packed.Wide(fault.RepairSquares);
            packed.Long(fault.Failures);
            packed.Wide(fault.Down);
            packed.Wide(fault.DownSquares);
            packed.Wide(fault.Watched);
        }
        packed.Unsigned((ulong)readings.Adjustments.Count);
        foreach (var (rule, kind, points, facts) in readings.Adjustments)
        {
            packed.Text(rule);
            packed.Byte((byte)kind);
            packed.Points(points);
            packed.Long(facts);
        }
        packed.Unsigned((ulong)readings.Before.Length);
        foreach (var day in readings.Before)
            day.Pack(packed);
        packed.Byte(readings.Equal is null ? (byte)0 : (byte)1);
        readings.Equal?.Cells.Pack(packed);
        foreach (var value in readings.Equal?.Spread ?? [])
            packed.Wide(value);
        foreach (ref readonly var states in readings.Latest.AsSpan())
        {
            packed.Long(states.States);
            packed.Wide(states.Sum);
            packed.Wide(states.Whole);
        }
        readings.Steps?.Pack(packed);
        readings.Equal?.Steps?.Pack(packed);
        return packed;
    }

    public static Readings Read(MeasureCatalogue catalogue, ReadOnlySpan<byte> saved)
    {
        var reader = new PackedReader(saved);
        if (!reader.Bytes(Format.Length).SequenceEqual(Format) || reader.Text() != catalogue.Hash || !Period.TryParse(reader.Text(), out var period))
            throw new InvalidDataException("The saved readings are of another format or catalogue.");
        var window = new PeriodWindow(period, new(reader.Long(), TimeSpan.Zero), new(reader.Long(), TimeSpan.Zero), new(reader.Long(), TimeSpan.Zero));
        var units = (int)reader.Long();
        var cells = Table(ref reader);
        var faults = new FaultTotals[catalogue.Series.Length];
        foreach (var i in catalogue.FaultSeries)
        {
            faults[i] = new()
            {
                Repairs = reader.Long(),
                RepairTime = reader.Wide(),
                RepairSquares = reader.Wide(),
                Failures = reader.Long(),
                Down = reader.Wide(),
                DownSquares = reader.Wide(),
                Watched = reader.Wide(),
            };
        }
        var adjustments = new List<RuleTotal>();
        for (var left = reader.Unsigned(); left > 0; left--)
            adjustments.Add(new(reader.Text(), (AdjustmentKind)reader.Byte(), reader.Points(), (int)reader.Long()));
        var before = new List<CellTable>();
        for (var left = reader.Unsigned(); left > 0; left--)
            before.Add(Table(ref reader));
        CellTable? scaled = null;
        Int128[]? spread = null;
        if (reader.Byte() != 0)
        {
            scaled = Table(ref reader);
            spread = new Int128[catalogue.Series.Length];
            for (var i = 0; i < spread.Length; i++)
                spread[i] = reader.Wide();
        }
        var latest = new LatestTotals[catalogue.LatestSeries.Length];
        for (var i = 0; i < latest.Length; i++)
            latest[i] = new() { States = reader.Long(), Sum = reader.Wide(), Whole = reader.Wide() };
        var steps = catalogue.SteppedSeries.Length == 0 ? null : StepTable.Load(ref reader);
        var equal = scaled is null ? null : new EqualMass(scaled, spread!, steps is null ? null : StepTable.Load(ref reader));
        return new(catalogue, window, cells, faults, adjustments, [.. before], units) { Steps = steps, Equal = equal, Latest = latest };

        CellTable Table(ref PackedReader from)
        {
            var table = new CellTable(catalogue.Series);
            table.Add(ref from);
            return table;
        }
    }
}
