"""A small folder in the dataset's layout: two presentations, four enrollments, one row of each kind."""

import gzip

FILES = {
    "courses": [
        "code_module,code_presentation,module_presentation_length",
        "AAA,2013J,268",
        "BBB,2014B,240",
    ],
    "assessments": [
        "code_module,code_presentation,id_assessment,assessment_type,date,weight",
        "AAA,2013J,101,TMA,19,10.0",
        "AAA,2013J,102,CMA,54,20.0",
        "AAA,2013J,103,Exam,,100.0",
        "BBB,2014B,201,TMA,30,100.0",
    ],
    "studentRegistration": [
        "code_module,code_presentation,id_student,date_registration,date_unregistration",
        "AAA,2013J,1,-10,",
        "AAA,2013J,2,,40",
        "BBB,2014B,1,5,?",
        "BBB,2014B,3,0,",
    ],
    "studentInfo": [
        "code_module,code_presentation,id_student,gender,region,highest_education,imd_band,age_band,"
        "num_of_prev_attempts,studied_credits,disability,final_result",
        "AAA,2013J,1,M,Scotland,HE,0-10%,55<=,0,240,N,Pass",
        "AAA,2013J,2,F,Wales,HE,90-100%,0-35,0,60,Y,Withdrawn",
        "BBB,2014B,1,M,Scotland,HE,10-20,55<=,0,60,N,Distinction",
        "BBB,2014B,3,F,Wales,HE,?,0-35,1,60,N,Fail",
    ],
    "studentAssessment": [
        "id_assessment,id_student,date_submitted,is_banked,score",
        "101,1,18,0,78",
        "102,1,50,0,",
        "103,1,230,0,55",
        "101,2,-1,1,60",
        "102,2,40,0,61",
        "101,3,41,0,62",
        "201,1,4,0,70",
        "201,3,300,0,70",
    ],
}


def write(folder, packed=False, quoted=False, bom=False, **replaced):
    """Write the files, with whole files `replaced` by name (None: left out)."""
    folder.mkdir(exist_ok=True)
    for name, lines in {**FILES, **replaced}.items():
        path = folder / f"{name}.csv"
        path.unlink(missing_ok=True)
        if lines is None:
            continue
        if quoted:
            lines = [",".join(f'"{cell}"' for cell in line.split(",")) for line in lines]
        content = (b"\xef\xbb\xbf" if bom else b"") + ("\r\n" if quoted else "\n").join(lines).encode()
        if packed:
            path.with_suffix(".csv.gz").write_bytes(gzip.compress(content))
        else:
            path.write_bytes(content)
    return folder


def changed(name, **lines):
    """FILES[name] with some lines replaced: changed("courses", line_2="...")."""
    result = list(FILES[name])
    for number, text in lines.items():
        result[int(number.removeprefix("line_")) - 1] = text
    return {name: result}
