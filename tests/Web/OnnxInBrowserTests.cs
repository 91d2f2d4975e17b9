using System.Globalization;
using GanFromScratch.Autograd;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests.Web;

/// <summary>`gan export --onnx` in a page: onnxruntime-web computes what this program computes.</summary>
public sealed class OnnxInBrowserTests
{
    private const string Page = "http://page.test/";

    [TestCase("odog")]
    [TestCase("dcgan")]
    [TestCase("stable-conv")]
    public async Task APageDrawsTheSamePictures(string recipe)
    {
        string? runtime = Environment.GetEnvironmentVariable("GAN_ONNXRUNTIME_WEB");
        if (string.IsNullOrEmpty(runtime))
            Assert.Ignore("needs GAN_ONNXRUNTIME_WEB to name the folder `dist` of npm's onnxruntime-web");
        const int Count = 3;
        using var program = new GanProgram();
        program.Done($"train --recipe {recipe} --dataset digits --limit 64 --batch 32 --steps 6 --output run");
        program.Done("export run --onnx");
        using var device = new CpuDevice(1);
        var generator = GeneratorFile.Read(RecipeBook.BuiltIn, program["run", "generator.safetensors"], device);
        using var noise = new Tensor(device, new Shape(Count, generator.Recipe.NoiseSize));
        generator.Recipe.DrawNoise(new(7, 0), noise);
        using var tape = new Tape(device);
        float[] expected = generator.Network.Forward(tape.Constant(noise), Pass.Inference).Value.ToArray();

        await using var browser = await Browser.Start();
        var page = browser.Page;
        await page.RouteAsync($"{Page}**", async route =>
        {
            string name = new Uri(route.Request.Url).AbsolutePath[1..];
            if (name == "")
                await route.FulfillAsync(new() { ContentType = "text/html", Body = "<script src=ort.wasm.min.js></script>" });
            else if (name == "generator.onnx")
                await route.FulfillAsync(new() { BodyBytes = File.ReadAllBytes(program["run", name]) });
            else
                await route.FulfillAsync(new()
                {
                    ContentType = name.EndsWith(".wasm", StringComparison.Ordinal) ? "application/wasm" : "text/javascript",
                    BodyBytes = File.ReadAllBytes(Path.Combine(runtime!, Path.GetFileName(name))),
                });
        });
        await page.GotoAsync(Page);
        const string Draw = """
            async ([noise, size]) => {
              ort.env.wasm.numThreads = 1;
              ort.env.wasm.wasmPaths = location.href;
              const session = await ort.InferenceSession.create('generator.onnx');
              const input = new ort.Tensor('float32', Float32Array.from(noise), [noise.length / size, size]);
              const { pictures } = await session.run({ noise: input });
              return Array.from(pictures.data);
            }
            """;
        double[] values = [.. noise.ToArray().Select(value => (double)value)];
        double[] drawn = await page.EvaluateAsync<double[]>(Draw, new object[] { values, generator.Recipe.NoiseSize });
        Assert.That(drawn, Has.Length.EqualTo(expected.Length));
        Assert.That(drawn.All(double.IsFinite)); // the greatest of some numbers ignores NaN
        double furthest = drawn.Zip(expected, (a, b) => Math.Abs(a - b)).Max();
        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{recipe}: at most {furthest:0.0e0} apart"));
        Assert.That(furthest, Is.LessThanOrEqualTo(1e-5));
    }
}
