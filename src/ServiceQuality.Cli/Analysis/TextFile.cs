using System.Text;

namespace ServiceQuality.Cli.Analysis;

/// <summary>Text as spreadsheets and old systems save it: UTF-8 with or without a mark, UTF-16 with a mark, and where neither fits GB18030 (with it GBK and GB2312).</summary>
internal static class TextFile
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static string Decode(byte[] bytes)
    {
        if (bytes.AsSpan().StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]))
            return Encoding.Unicode.GetString(bytes, 2, bytes.Length - 2);
        if (bytes.AsSpan().StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
            return Encoding.BigEndianUnicode.GetString(bytes, 2, bytes.Length - 2);
        var start = bytes.AsSpan().StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? 3 : 0;
        try
        {
            return Strict.GetString(bytes, start, bytes.Length - start);
        }
        catch (DecoderFallbackException)
        {
            Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
            return Encoding.GetEncoding("GB18030").GetString(bytes);
        }
    }

    /// <summary>A first line <c>sep=;</c> tells Excel the separator, and is no row.</summary>
    public static (string Text, char? Separator) WithoutHint(string text)
    {
        if (!text.StartsWith("sep=", StringComparison.OrdinalIgnoreCase) || text.Length < 5)
            return (text, null);
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        return end is 5 or 6 && (end == 5 || text[5] == '\r') ? (text[(end + 1)..], text[4]) : (text, null);
    }
}
