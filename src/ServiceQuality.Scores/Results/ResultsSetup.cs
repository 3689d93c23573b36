using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ServiceQuality.Scores.Results;

/// <summary>Registers what closes periods and keeps their results.</summary>
internal static class ResultsSetup
{
    public static void AddResults(this IHostApplicationBuilder builder)
    {
        builder.AddSettings<ResultSettings>(ResultSettings.Section);
        builder.Services.AddSingleton<ResultAccess>();
        builder.Services.AddSingleton<ResultReader>();
        builder.Services.AddSingleton<PinnedReadings>();
        builder.Services.AddSingleton<OwnParts>();
        builder.Services.AddSingleton<ClosePeriod>();
        builder.Services.AddSingleton<CheckResults>();
        builder.Services.AddSingleton<PublishResults>();
        builder.Services.AddSingleton<Recompute>();
        builder.Services.AddSingleton<RestatedTree>();
        builder.Services.AddSingleton<CompareResult>();
        builder.Services.AddSingleton<Appeals>();
        builder.Services.AddSingleton<Restatements>();
        builder.Services.AddSingleton<ComputeClosings>();
        builder.Services.AddHostedService(services => services.GetRequiredService<ComputeClosings>());
    }
}
