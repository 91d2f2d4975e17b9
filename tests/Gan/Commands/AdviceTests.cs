using System.Text.RegularExpressions;
using GanFromScratch.Gan.Commands;
using GanFromScratch.Gan.Data;
using GanFromScratch.Gan.Options;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Training;
using GanFromScratch.Tensors;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Whatever the program tells people to type is put through its parser.</summary>
[TestFixture]
internal sealed partial class AdviceTests
{
    private static readonly string[] Variants =
    [
        "", "--loss saturating", "--loss lsgan", "--loss wgan", "--loss wgan-gp", "--loss hinge", "--loss relativistic", "--r1 1 --r2 1",
        "--gp 10", "--label-smoothing 0.2", "--instance-noise 0.3", "--pack 2", "--pack 64 --batch 64", "--batch 7", "--d-steps 1000",
        "--lr 1e-6", "--g-lr 0.003", "--d-lr 0.1 --spectral-norm", "--as-written", "--beta1 0 --ema 0.9", "--loss wgan --batch-size 33",
    ];

    // what a recipe takes that trains by its own step alone
    private static readonly string[] OwnStep =
        ["", "--batch 7", "--lr 1e-6", "--g-lr 0.003", "--d-lr 0.1 --spectral-norm", "--as-written", "--beta1 0 --ema 0.9"];

    private static IEnumerable<TestCaseData> Runs =>
        from recipe in RecipeBook.BuiltIn.All
        from variant in Variants
        where variant != "--as-written" || recipe.Quirks.Count > 0
        where !variant.StartsWith("--label", StringComparison.Ordinal) || recipe.Objective.Loss.HasLabels
        where !recipe.HasOwnStepOnly || OwnStep.Contains(variant)
        where recipe.Sides is null || !variant.StartsWith("--pack", StringComparison.Ordinal)
        select new TestCaseData($"--recipe {recipe.Name} {variant}".TrimEnd());

    /// <summary>
    /// Against every diagnosis of every run, each suggested set of options makes a request that training takes, and another one.
    /// </summary>
    [SampledSource(8, nameof(Runs))]
    public void AdviceIsForTheRunAtHand(string options)
    {
        var (request, recipe) = Resolve(options);
        var images = Digits.Draw(300, 2);
        using var device = new CpuDevice(1);
        using var trainer = new Trainer(recipe, request, images, device);
        foreach (var diagnosis in Enum.GetValues<Diagnosis>())
        {
            foreach (string advised in Advice.Options(diagnosis, trainer))
            {
                var (changed, _) = Resolve($"{Without(options, advised)} {advised}");
                Assert.That(changed, Is.Not.EqualTo(request), advised);
                Assert.That(() => new Trainer(recipe, changed, images, device).Dispose(), Throws.Nothing, advised);
            }
            string sentence = Advice.Against(diagnosis, trainer);
            Assert.That(sentence, Does.EndWith("."), $"{diagnosis} has advice");
            foreach (string command in Commands(sentence))
                Parses(command);
        }
    }

    /// <summary>
    /// What is quoted as a command in any text of the program is one, and what looks like an option is one of some command.
    /// </summary>
    [Test]
    public void EveryHintInTheSourcesParses()
    {
        var root = CommandLine.Parse([], RecipeBook.BuiltIn).RootCommandResult.Command;
        var known = root.Subcommands.Append(root).SelectMany(command => command.Options)
            .SelectMany(option => option.Aliases.Prepend(option.Name)).ToHashSet();
        int commands = 0, options = 0;
        foreach (string file in Directory.GetFiles(Path.Combine(SourceProjects.Root, "src/Gan"), "*.cs", SearchOption.AllDirectories))
        {
            if (Path.GetRelativePath(SourceProjects.Root, file).Split(Path.DirectorySeparatorChar) is [_, _, "bin" or "obj", ..])
                continue;
            if (Path.GetFileName(file) == "Invocation.cs")
                continue; // speaks of `dotnet run`
            foreach (string text in Texts(file))
            {
                foreach (string command in Commands(text))
                {
                    Parses(command);
                    commands++;
                }
                foreach (Match option in OptionName().Matches(text))
                {
                    Assert.That(known, Does.Contain(option.Value), $"{file}: {text}");
                    options++;
                }
            }
        }
        Assert.That(commands, Is.GreaterThan(15), "they were found");
        Assert.That(options, Is.GreaterThan(60));
    }

    /// <summary>The examples of every command's help.</summary>
    [Test]
    public void EveryExampleOfTheHelpParses()
    {
        var root = CommandLine.Parse([], RecipeBook.BuiltIn).RootCommandResult.Command;
        foreach (var (line, _) in root.Subcommands.Cast<GanCommand>().SelectMany(command => command.Examples))
            Parses(line);
    }

    private static void Parses(string command)
    {
        Assert.That(command, Is.EqualTo("gan").Or.StartsWith("gan "));
        var given = CommandLine.Parse(command.Split(' ')[1..], RecipeBook.BuiltIn);
        Assert.That(given.Errors.Select(error => error.Message).Concat(given.UnmatchedTokens), Is.Empty, command);
    }

    private static (RunRequest Request, Recipe Recipe) Resolve(string options)
    {
        var given = CommandLine.Parse(["train", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)], RecipeBook.BuiltIn);
        Assert.That(given.Errors.Select(error => error.Message).Concat(given.UnmatchedTokens), Is.Empty, options);
        var (arguments, recipe) = ((TrainCommand)given.CommandResult.Command).Resolve(given);
        return (arguments.Request, recipe);
    }

    // what the advice names replaces what the run had
    private static string Without(string options, string advised)
    {
        string[] replaced = [.. OptionName().Matches(advised).Select(match => match.Value)];
        var left = Regex.Split(options, " (?=--)").Where(option => !replaced.Contains(Canonical(option.Split(' ')[0])));
        return string.Join(' ', left);
    }

    private static string Canonical(string name) =>
        OptionProperty.Of(typeof(RunRequest)).FirstOrDefault(option => option.Option.Aliases.Contains(name))?.Option.Name ?? name;

    private static IEnumerable<string> Commands(string text) => Quoted().Matches(text).Select(match => match.Groups[1].Value);

    // string literals, joined where they are added up; what is put into them is a 1, or a command's name after `gan`
    private static IEnumerable<string> Texts(string file)
    {
        var root = CSharpSyntaxTree.ParseText(File.ReadAllText(file)).GetRoot();
        return root.DescendantNodes().OfType<ExpressionSyntax>()
            .Where(node => IsText(node) && !(node.Parent is ExpressionSyntax parent && IsText(parent)))
            .Select(TextOf);
    }

    private static bool IsText(ExpressionSyntax node) => node switch
    {
        LiteralExpressionSyntax literal => literal.IsKind(SyntaxKind.StringLiteralExpression),
        InterpolatedStringExpressionSyntax => true,
        BinaryExpressionSyntax sum => sum.IsKind(SyntaxKind.AddExpression) && IsText(sum.Left) && IsText(sum.Right),
        _ => false,
    };

    private static string TextOf(ExpressionSyntax node) => node switch
    {
        LiteralExpressionSyntax literal => literal.Token.ValueText,
        BinaryExpressionSyntax sum => TextOf(sum.Left) + TextOf(sum.Right),
        InterpolatedStringExpressionSyntax text => text.Contents.Aggregate("", (before, part) => before + (part switch
        {
            InterpolatedStringTextSyntax plain => plain.TextToken.ValueText,
            _ => before.EndsWith("`gan ", StringComparison.Ordinal) ? "resume" : "1",
        })),
        _ => "",
    };

    [GeneratedRegex("`(gan(?: [^`]*)?)`")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"(?<![\w-])--[a-z][a-z0-9-]*")]
    private static partial Regex OptionName();
}
