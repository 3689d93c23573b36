using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Npgsql;
using ServiceQuality.Contracts.Facts;
using ServiceQuality.Messaging;
using ServiceQuality.Scores.Alerts;
using ServiceQuality.Scores.Board;
using ServiceQuality.Scores.Branches;
using ServiceQuality.Scores.Charts;
using ServiceQuality.Scores.Comparison;
using ServiceQuality.Scores.Deductions;
using ServiceQuality.Scores.Dimensions;
using ServiceQuality.Scores.Evaluations;
using ServiceQuality.Scores.Intake;
using ServiceQuality.Scores.Journals;
using ServiceQuality.Scores.Panels;
using ServiceQuality.Scores.Results;
using ServiceQuality.Scores.Schemes;
using ServiceQuality.Scores.Scores;
using ServiceQuality.Scores.Signals;
using ServiceQuality.Scores.Trials;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scores.Weights;

namespace ServiceQuality.Scores;

/// <summary>The score service: journals, live scores, schemes, board.</summary>
public static class ScoresService
{
    /// <summary>Name of the service, of its database schema and of its OpenAPI document.</summary>
    public const string Name = "scores";

    /// <summary>Registers the service but for its tier: add <see cref="AddLocalTier"/>, or another <see cref="IScoreTier"/> over <see cref="BranchLanes"/>.</summary>
    public static IHostApplicationBuilder AddScores(this IHostApplicationBuilder builder)
    {
        builder.AddServiceDatabase(Name);
        builder.AddSettings<SchemeChoice>(SchemeChoice.Section);
        builder.AddSettings<AlertSettings>(AlertSettings.Section);
        builder.AddSettings<DeductionSettings>(DeductionSettings.Section);
        builder.AddApiDescription(Name, "Scores");

        builder.Services.AddSingleton<UnitReplica>();
        builder.Services.AddSingleton<SchemeBook>();
        builder.Services.AddSingleton<SchemeDrafts>();
        builder.Services.AddSingleton(services => new BranchLanes(
            services.GetRequiredKeyedService<NpgsqlDataSource>(Name), services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<SchemeBook>().Active, unit => services.GetRequiredService<UnitReplica>().Tree.ZoneOf(unit), services.GetRequiredService<SchemeBook>().Catalogue));
        builder.Services.AddSingleton<UnitScores>();
        builder.Services.AddSingleton<JournalFacts>();
        builder.Services.AddSingleton<CostlyFacts>();
        builder.Services.AddSingleton<AdjustmentCases>();
        builder.Services.AddSingleton<ServqualAnswers>();
        builder.Services.AddSingleton<SubDimensionBook>();
        builder.Services.AddSingleton<PanelBook>();
        builder.Services.AddSingleton<UnitBuckets>();
        builder.Services.AddSingleton<UnitCharts>();
        builder.Services.AddSingleton<MonthlyScores>();
        builder.Services.AddSingleton<UnitTrends>();
        builder.Services.AddSingleton<UnitComparison>();
        builder.Services.AddSingleton<DaySignals>();
        builder.Services.AddSingleton<AlertLedger>();
        builder.Services.AddSingleton<FactsPulse>();
        builder.Services.AddSingleton<ScoreStream>();
        builder.Services.AddSingleton<Teller>();
        builder.Services.AddSingleton<ScoreBoard>();
        builder.Services.AddSingleton<Overview>();
        builder.Services.AddSingleton<UnitTrials>();
        builder.Services.AddSingleton<PastTrials>();
        builder.Services.AddSingleton<TryOuts>();
        builder.Services.AddSingleton<AppendFactsAccepted>();
        builder.Services.AddSingleton<DeductionRulebook>();
        builder.Services.AddSingleton<DeductionLedger>();
        builder.AddResults();

        builder.Services.AddHostedService<FollowUnits>();
        builder.Services.AddHostedService<RunTier>();
        builder.Services.AddHostedService(services => services.GetRequiredService<ScoreBoard>());
        builder.Services.AddHostedService(services => services.GetRequiredService<Overview>());
        builder.Services.AddHostedService<WatchScores>();
        builder.Services.AddHealthChecks().AddCheck<RecoveryCheck>("score-tier", HealthStatus.Unhealthy, ["ready"]);

        builder.AddConsumers(Name, consumers => consumers.AddConsumer<KeepUnitOnOrgUnitChanged>().AddConsumer<ProposeOnDeductionProposed>());
        return builder.AddDurableHandler<FactsAccepted, AppendFactsAccepted>($"{Name}-facts", prefetch: 128, concurrency: 32);
    }

    /// <summary>Every branch lives in this process.</summary>
    public static IHostApplicationBuilder AddLocalTier(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IScoreTier, LocalScoreTier>();
        return builder;
    }

    /// <summary>Maps the service's endpoints.</summary>
    public static void MapScores(this IEndpointRouteBuilder routes)
    {
        routes.MapBoard();
        routes.MapUnitScores();
        routes.MapEvaluations();
        routes.MapSubDimensions();
        routes.MapWeights();
        routes.MapPanels();
        routes.MapCharts();
        routes.MapComparison();
        routes.MapSignals();
        routes.MapAlerts();
        routes.MapSchemes();
        routes.MapDrafts();
        routes.MapTryOuts();
        routes.MapWhatIf();
        routes.MapJournal();
        routes.MapDeductions();
        routes.MapResults();
        routes.MapOutbox(Name);
        routes.MapAudit(Name);
        routes.MapApiDescription(Name);
    }
}
