namespace ServiceQuality.Scoring;

/// <summary>Packed slices by number of their hour or day, ascending.</summary>
internal sealed class SliceList
{
    private int[] keys = new int[4];
    private byte[][] slices = new byte[4][];

    public int Count { get; private set; }

    public int Key(int i) => keys[i];

    public ReadOnlySpan<byte> this[int i] => slices[i];

    /// <summary>Index of the first slice whose key is at least the given one.</summary>
    public int From(int key)
    {
        // Usually it is the last.
        if (Count == 0 || keys[Count - 1] < key)
            return Count;
        var at = Array.BinarySearch(keys, 0, Count, key);
        return at < 0 ? ~at : at;
    }

    public void Merge(int key, CellTable table, CellTable scratch, PackedWriter writer)
    {
        var at = From(key);
        writer.Clear();
        if (at < Count && keys[at] == key)
        {
            scratch.Clear();
            var reader = new PackedReader(slices[at]);
            scratch.Add(ref reader);
            scratch.Add(table);
            scratch.Pack(writer);
            slices[at] = writer.Written.ToArray();
            return;
        }
        table.Pack(writer);
        Insert(at, key, writer.Written.ToArray());
    }

    public void RemoveUpTo(int key)
    {
        var count = From(key + 1);
        if (count == 0)
            return;
        Array.Copy(keys, count, keys, 0, Count - count);
        Array.Copy(slices, count, slices, 0, Count - count);
        Array.Clear(slices, Count - count, count);
        Count -= count;
    }

    public void Save(PackedWriter writer)
    {
        writer.Unsigned((ulong)Count);
        var last = 0;
        for (var i = 0; i < Count; i++)
        {
            writer.Long(keys[i] - last);
            last = keys[i];
            writer.Unsigned((ulong)slices[i].Length);
            writer.Bytes(slices[i]);
        }
    }

    public void Load(ref PackedReader reader)
    {
        var last = 0;
        for (var left = reader.Unsigned(); left > 0; left--)
        {
            last += (int)reader.Long();
            var bytes = reader.Bytes((int)Math.Min(reader.Unsigned(), int.MaxValue)).ToArray();
            Insert(Count, last, bytes);
        }
    }

    private void Insert(int at, int key, byte[] slice)
    {
        if (Count == keys.Length)
        {
            Array.Resize(ref keys, Count + (Count / 2));
            Array.Resize(ref slices, Count + (Count / 2));
        }
        Array.Copy(keys, at, keys, at + 1, Count - at);
        Array.Copy(slices, at, slices, at + 1, Count - at);
        (keys[at], slices[at]) = (key, slice);
        Count++;
    }
}
