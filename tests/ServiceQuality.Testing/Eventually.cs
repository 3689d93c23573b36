using System.Diagnostics;
using Xunit.Sdk;

namespace ServiceQuality.Testing;

/// <summary>Waits for something to become true; a timeout ends with the last failure, never with silence.</summary>
public static class Eventually
{
    /// <summary>Repeats an assertion until it holds.</summary>
    public static async Task Async(Func<Task> assertion, TimeSpan? within = null)
    {
        var patience = within ?? TimeSpan.FromSeconds(30);
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await assertion();
                return;
            }
            catch (Exception failure) when (failure is XunitException or HttpRequestException or InvalidOperationException && clock.Elapsed < patience)
            {
                await Task.Delay(25);
            }
        }
    }

    /// <summary>Repeats a question until the answer satisfies <paramref name="enough"/>, and returns it.</summary>
    public static async Task<T> Async<T>(Func<Task<T>> question, Func<T, bool> enough, TimeSpan? within = null)
    {
        T answer = default!;
        await Async(async () =>
        {
            answer = await question();
            if (!enough(answer))
                throw new XunitException($"Not yet: {answer}");
        }, within);
        return answer;
    }
}
